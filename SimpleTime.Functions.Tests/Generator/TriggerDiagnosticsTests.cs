using Xunit;

namespace SimpleTime.Functions.Tests.Generator;

public class TriggerDiagnosticsTests
{
    [Fact]
    public void A_function_without_a_trigger_is_reported() =>
        Http("HttpRequest request").AssertOne("FUNC008", "Run", "'F' has no trigger", "[HttpTrigger]", "[KafkaTrigger]");

    [Fact]
    public void Each_trigger_after_the_first_is_reported() =>
        Http("""[HttpTrigger] HttpRequest request, [KafkaTrigger("b", "t")] KafkaRecord record""")
            .AssertOne("FUNC009", "KafkaTrigger(\"b\", \"t\")", "'F' has more than one trigger");

    [Fact]
    public void Two_triggers_on_one_parameter_are_reported() =>
        Http("""[HttpTrigger, KafkaTrigger("b", "t")] HttpRequest request""").AssertOne("FUNC009", "KafkaTrigger(\"b\", \"t\")");

    [Fact]
    public void A_trigger_of_another_kind_is_reported() =>
        GeneratorRun.Of("""
            public sealed class TimerTriggerAttribute : Microsoft.Azure.Functions.Worker.Extensions.Abstractions.TriggerBindingAttribute;
            public class C
            {
                [Function("F")] public void Run([TimerTrigger] string timer) { }
            }
            """).AssertOne("FUNC010", "TimerTrigger", "'TimerTrigger'", "[HttpTrigger] or [KafkaTrigger]");

    [Theory]
    [InlineData("[HttpTrigger] string body", "body", "'body' of type 'string'", "takes an HttpRequest")]
    [InlineData("[HttpTrigger] HttpRequest request, int number", "number", "'number' of type 'int'", "constructor")]
    [InlineData("[HttpTrigger] HttpRequest request, HttpRequest other", "other", "'other' of type 'HttpRequest'")]
    [InlineData("[HttpTrigger] HttpRequest request, in CancellationToken token", "token", "by value")]
    public void An_unsupported_parameter_of_an_http_function_is_reported(string parameters, string spanText, params string[] words) =>
        Http(parameters).AssertOne("FUNC011", spanText, words);

    [Theory]
    [InlineData("""[KafkaTrigger("b", "t", IsBatched = true)] string[] records""", "records", "'string[]'", "a KafkaRecord[]")]
    [InlineData("""[KafkaTrigger("b", "t")] HttpRequest record""", "record", "'HttpRequest'")]
    public void An_unsupported_parameter_of_a_kafka_function_is_reported(string parameters, string spanText, params string[] words) =>
        Kafka(parameters).AssertOne("FUNC011", spanText, words);

    [Fact]
    public void A_slash_for_a_route_is_reported() =>
        Http("""[HttpTrigger(Route = "/")] HttpRequest request""")
            .AssertOne("FUNC012", "\"/\"", "'F'", "\"{ignored:maxlength(0)?}\"", "\"routePrefix\": \"\"");

    [Fact]
    public void A_route_that_starts_with_a_slash_is_reported() =>
        Http("""[HttpTrigger("get", Route = "/time")] HttpRequest request""").AssertOne("FUNC013", "\"/time\"", "'/time' starts with '/'");

    [Theory]
    [InlineData("admin", "admin")]
    [InlineData("Admin/keys", "admin")]
    [InlineData("administrators", "admin")]
    [InlineData("RUNTIME/x", "runtime")]
    public void A_reserved_route_is_reported(string route, string reserved) =>
        Http($"[HttpTrigger(Route = \"{route}\")] HttpRequest request")
            .AssertOne("FUNC014", $"\"{route}\"", $"'{route}' starts with '{reserved}'", "reserves");

    [Theory]
    [InlineData("AuthorizationLevel.Admin", "AuthorizationLevel.Admin", "AuthorizationLevel.Admin is not supported")]
    [InlineData("methods: new[] { \"get\" }, authLevel: AuthorizationLevel.User", "AuthorizationLevel.User", "AuthorizationLevel.User")]
    [InlineData("AuthorizationLevel.System, \"get\", \"post\"", "AuthorizationLevel.System", "Anonymous or AuthorizationLevel.Function")]
    [InlineData("(AuthorizationLevel)9", "(AuthorizationLevel)9", "(9)")]
    public void An_unsupported_authorization_level_is_reported(string arguments, string spanText, string words) =>
        Http($"[HttpTrigger({arguments})] HttpRequest request").AssertOne("FUNC015", spanText, words);

    [Theory]
    [InlineData("""KafkaTrigger("b", "t")""", """KafkaTrigger("b", "t")""")]
    [InlineData("""KafkaTrigger("b", "t", IsBatched = false)""", "false")]
    public void An_array_of_records_without_IsBatched_is_reported(string attribute, string spanText) =>
        Kafka($"[{attribute}] KafkaRecord[] records").AssertOne("FUNC016", spanText, "'records'", "set IsBatched = true");

    [Fact]
    public void One_record_with_IsBatched_is_reported() =>
        Kafka("""[KafkaTrigger("b", "t", IsBatched = true)] KafkaRecord record""")
            .AssertOne("FUNC017", "true", "'record'", "take KafkaRecord[]");

    private static GeneratorRun Http(string parameters) =>
        GeneratorRun.Of($$"""public class C { [Function("F")] public IResult Run({{parameters}}) => Results.Ok(); }""");

    private static GeneratorRun Kafka(string parameters) =>
        GeneratorRun.Of($$"""public class C { [Function("F")] public void Run({{parameters}}) { } }""");
}
