using System.Net;
using System.Text.Json;
using SimpleTime.Functions.Tests.Official.Rpc;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Official;

/// <summary>The app in the official worker, seen from the host's side of their protocol.</summary>
public sealed class OfficialWorkerTests
{
    private const string Topic = "simple-time-events";
    private const string Unreachable = "127.0.0.1:1";

    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Every_function_is_found_and_loaded()
    {
        await using var host = new FunctionsHost();
        await host.StartAsync(Topic, Unreachable);

        Assert.Empty(host.LoadFailures);
        Assert.Equal(
            ["Healthz", "KafkaFlush", "KafkaPublish", "KafkaStatus", "Metrics", "PersistEvents", "Readyz", "Time"],
            host.Functions.Select(function => function.Name).Order(StringComparer.Ordinal));
        var trigger = JsonElement.Parse(Assert.Single(host.Functions.Single(function => function.Name == "PersistEvents").RawBindings));
        Assert.Equal(
            ("kafkaTrigger", "Many", "%KAFKA_TOPIC_EVENTS%"),
            (trigger.GetProperty("type").GetString(), trigger.GetProperty("cardinality").GetString(), trigger.GetProperty("topic").GetString()));
    }

    [Fact]
    public async Task What_is_logged_outside_an_invocation_is_on_the_console_a_line_for_each()
    {
        using var kafka = new MockKafka(Topic);
        await using var host = new FunctionsHost();
        await host.StartAsync(Topic, kafka.Address, ("POD_IP", "nonsense"), ("FUNCTIONS_KEYS", "secret"));
        await Eventually.BecomesTrueAsync(() => host.ConsoleLines.Any(line => line.Contains("Kafka is UP", StringComparison.Ordinal)), _turn);

        var stored = await host.InvokeAsync("PersistEvents", """[{"Topic":"t","Value":"e30=","Timestamp":{"UnixTimestampMs":5},"Headers":[]}]""");
        await Eventually.BecomesTrueAsync(() => host.Logs.Any(log => log.InvocationId == stored.InvocationId), _turn);

        Assert.Equal(StatusResult.Types.Status.Success, stored.Result.Status);

        // A busy machine may have taken Kafka for NOT UP first.
        Assert.Collection(
            host.ConsoleLines.Where(line => !line.Contains("Kafka is NOT UP", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            line => Assert.StartsWith("info: SimpleTime.Functions.Worker.Kafka.Status.TopicMonitor[80] Kafka is UP", line, StringComparison.Ordinal),
            line => Assert.StartsWith("warn: SimpleTime.Functions.Settings.SettingsCheck[403] POD_IP", line, StringComparison.Ordinal),
            line => Assert.StartsWith("warn: SimpleTime.Functions.Settings.SettingsCheck[403] Set, but not read", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kafka_that_is_not_up_is_told_on_the_console()
    {
        await using var host = new FunctionsHost();
        await host.StartAsync(Topic, Unreachable);

        await Eventually.BecomesTrueAsync(() => host.ConsoleLines.Any(line => line.Contains("Kafka is NOT UP: 127.0.0.1:1", StringComparison.Ordinal)), _turn);
    }

    /// <summary>The host sends strings as they are; objects it parses and writes anew.</summary>
    [Fact]
    public async Task Events_are_handed_over_as_strings_that_keep_what_the_caller_wrote()
    {
        const string Data = """{"price":1.10,"huge":1e400, "text":"\u00e9é😀<&>'\"\\","nested":[ 1 , {"a":-0.0} ],"date":"2026-03-01T12:00:00Z"}""";
        using var kafka = new MockKafka(Topic);
        await using var host = new FunctionsHost();
        await host.StartAsync(Topic, kafka.Address);
        await Eventually.EqualsAsync(HttpStatusCode.OK, async () => (await host.RequestAsync("KafkaStatus", Get("/kafka/status"))).Answer.StatusCode, _turn);

        var (answer, published) = await host.RequestAsync("KafkaPublish", Publish($$"""{"event_type":"order","data":{{Data}}}"""));
        var (_, requested) = await host.RequestAsync("Time", Get("/"));

        Assert.Equal((HttpStatusCode.OK, StatusResult.Types.Status.Success), (answer.StatusCode, published.Result.Status));
        var text = Assert.Single(Events(published)!);
        Assert.EndsWith($$""","event_type":"order","data":{{Data}}}""", text, StringComparison.Ordinal);
        Assert.StartsWith("""{"event_id":"01""", text, StringComparison.Ordinal);
        Assert.Equal(
            ["http_request", "http_response"],
            Events(requested)!.Select(value => JsonElement.Parse(value).GetProperty("event_type").GetString()));
    }

    /// <summary>The host fails the invocation for an output that has null for a value.</summary>
    [Theory]
    [InlineData("KafkaPublish", "/kafka/publish", "{}")]
    [InlineData("KafkaFlush", "/kafka/flush", "")]
    public async Task A_refusal_that_emits_nothing_leaves_the_output_unset(string function, string path, string body)
    {
        await using var host = new FunctionsHost();
        await host.StartAsync(Topic, Unreachable);

        var (answer, invocation) = await host.RequestAsync(function, Post(path, body));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, StatusResult.Types.Status.Success), (answer.StatusCode, invocation.Result.Status));
        Assert.Equal("Answer", Assert.Single(invocation.OutputData).Name);
    }

    [Fact]
    public async Task A_refusal_that_is_recorded_emits_its_event()
    {
        await using var host = new FunctionsHost();
        await host.StartAsync(Topic, Unreachable);

        var (answer, invocation) = await host.RequestAsync("KafkaPublish", Publish("{"));

        Assert.Equal((HttpStatusCode.BadRequest, StatusResult.Types.Status.Success), (answer.StatusCode, invocation.Result.Status));
        Assert.Equal("error", JsonElement.Parse(Assert.Single(Events(invocation)!)).GetProperty("event_type").GetString());
    }

    private static string[]? Events(InvocationResponse invocation) =>
        JsonSerializer.Deserialize<string[]>(invocation.OutputData.Single(output => output.Name == "Events").Data.Json);

    private static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);

    private static HttpRequestMessage Publish(string body) => Post("/kafka/publish", body);

    private static HttpRequestMessage Post(string path, string body) => new(HttpMethod.Post, path) { Content = new StringContent(body) };
}
