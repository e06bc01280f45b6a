using NSubstitute;
using SimpleTime.Functions.Functions;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Requests;
using SimpleTime.Functions.Tests.Requests;
using Xunit;

namespace SimpleTime.Functions.Tests.Functions;

public sealed class KafkaFlushTests
{
    private readonly IKafka _kafka = Substitute.For<IKafka>();

    public KafkaFlushTests() => _kafka.IsUp.Returns(true);

    [Fact]
    public async Task Answers_200_when_Kafka_acknowledged_everything()
    {
        Pending(0);

        var output = await Run();

        Assert.Equal(200, output.Answer.Status());
        Assert.Equal("""{"status":"success","message":"Kafka producer flushed","pending":0}""", output.Answer.Text());
        Assert.Null(output.Events);
    }

    [Fact]
    public async Task Answers_504_with_the_number_still_pending_after_10_seconds()
    {
        Pending(7);

        var output = await Run();

        Assert.Equal(504, output.Answer.Status());
        Assert.Equal(7, output.Answer.Json().GetProperty("pending").GetInt64());
        Assert.Contains("7 event(s)", output.Answer.Json().GetProperty("detail").GetString(), StringComparison.Ordinal);
        await _kafka.Received(1).FlushAsync(TimeSpan.FromSeconds(10), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Answers_503_when_the_host_cannot_know()
    {
        Pending(null);

        Assert.Equal(503, (await Run()).Answer.Status());
    }

    [Fact]
    public async Task Refuses_with_503_when_Kafka_is_not_up()
    {
        _kafka.IsUp.Returns(false);

        var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => Run());

        Assert.Equal(503, refused.StatusCode);
        await _kafka.DidNotReceiveWithAnyArgs().FlushAsync(default, default);
    }

    [Fact]
    public async Task Refuses_too_large_a_body_before_it_asks_for_Kafka()
    {
        _kafka.IsUp.Returns(false);

        var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => Run(new string(' ', (64 * 1024) + 1)));

        Assert.Equal(413, refused.StatusCode);
    }

    private void Pending(long? pending) =>
        _kafka.FlushAsync(default, default).ReturnsForAnyArgs(pending);

    private Task<FunctionOutput> Run(string body = "") =>
        new KafkaFlush(_kafka).RunAsync(TestRequest.Post("/kafka/flush", body), default);
}
