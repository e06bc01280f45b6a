using Xunit;

namespace SimpleTime.Functions.Tests.Generator;

public class RetryDiagnosticsTests
{
    [Fact]
    public void Each_retry_attribute_after_the_first_is_reported() =>
        Kafka("""FixedDelayRetry(1, "00:00:01"), ExponentialBackoffRetry(1, "00:00:01", "00:00:02")""")
            .AssertOne("FUNC028", """ExponentialBackoffRetry(1, "00:00:01", "00:00:02")""", "'F' has more than one retry attribute");

    [Fact]
    public void A_retry_attribute_of_another_kind_is_reported() =>
        GeneratorRun.Of("""
            public sealed class MyRetryAttribute : RetryAttribute;
            public class C
            {
                [Function("F"), MyRetry] public void Run([KafkaTrigger("b", "t")] KafkaRecord record) { }
            }
            """).AssertOne("FUNC029", "MyRetry", "'MyRetry'", "[FixedDelayRetry] or [ExponentialBackoffRetry]");

    [Fact]
    public void A_retry_of_an_http_function_is_reported() =>
        GeneratorRun.Of("""
            public class C
            {
                [Function("F"), FixedDelayRetry(1, "00:00:01")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();
            }
            """).AssertOne("FUNC030", """FixedDelayRetry(1, "00:00:01")""", "'F'", "remove [FixedDelayRetry]");

    [Theory]
    [InlineData("""FixedDelayRetry(1, "soon")""", "\"soon\"", "delay 'soon'")]
    [InlineData("""FixedDelayRetry(1, "")""", "\"\"", "delay ''")]
    [InlineData("""FixedDelayRetry(1, "10")""", "\"10\"", "delay '10'")]
    [InlineData("""FixedDelayRetry(1, "00:10")""", "\"00:10\"", "delay '00:10'")]
    [InlineData("""FixedDelayRetry(1, "25:00:00")""", "\"25:00:00\"", "delay '25:00:00'")]
    [InlineData("""FixedDelayRetry(1, "00:00:60")""", "\"00:00:60\"", "delay '00:00:60'")]
    [InlineData("""FixedDelayRetry(1, null!)""", "null!", "delay ''")]
    [InlineData("""ExponentialBackoffRetry(1, "1s", "00:01:00")""", "\"1s\"", "minimum interval '1s'")]
    [InlineData("""ExponentialBackoffRetry(1, maximumInterval: "1m", minimumInterval: "00:01:00")""", "\"1m\"", "maximum interval '1m'")]
    public void An_interval_that_is_no_time_is_reported(string attribute, string spanText, string words) =>
        Kafka(attribute).AssertOne("FUNC031", spanText, words, "hh:mm:ss");

    [Theory]
    [InlineData("""FixedDelayRetry(1, "-00:00:01")""", "delay '-00:00:01'")]
    [InlineData("""ExponentialBackoffRetry(1, "-00:00:01", "00:00:01")""", "minimum interval '-00:00:01'")]
    public void A_negative_interval_is_reported(string attribute, string words) =>
        Kafka(attribute).AssertOne("FUNC032", "\"-00:00:01\"", words, "zero or more");

    [Fact]
    public void A_minimum_over_the_maximum_is_reported() =>
        Kafka("""ExponentialBackoffRetry(1, "00:01:00", "00:00:59")""")
            .AssertOne("FUNC033", "\"00:01:00\"", "'00:01:00' is longer than", "'00:00:59'");

    [Theory]
    [InlineData("""FixedDelayRetry(-2, "00:00:01")""")]
    [InlineData("""ExponentialBackoffRetry(-2, "00:00:01", "00:00:01")""")]
    public void A_count_below_minus_one_is_reported(string attribute) =>
        Kafka(attribute).AssertOne("FUNC034", "-2", "count -2", "write -1");

    [Theory]
    [InlineData("""FixedDelayRetry(-1, "00:00:00")""")]
    [InlineData("""FixedDelayRetry(0, "1.00:00:00.5")""")]
    [InlineData("""ExponentialBackoffRetry(int.MaxValue, "00:00:01", "00:00:01")""")]
    public void A_valid_retry_is_not(string attribute) => Kafka(attribute).AssertClean();

    private static GeneratorRun Kafka(string attributes) =>
        GeneratorRun.Of($$"""
            public class C
            {
                [Function("F"), {{attributes}}] public void Run([KafkaTrigger("b", "t")] KafkaRecord record) { }
            }
            """);
}
