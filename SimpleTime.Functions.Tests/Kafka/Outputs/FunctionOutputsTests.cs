using System.Diagnostics;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Kafka.Outbox.Files;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outputs;

/// <summary>From a function's output property to the topic, with a worker around it.</summary>
public sealed partial class FunctionOutputsTests : IAsyncLifetime, IDisposable
{
    private static readonly string[] _texts = ["plain \u00fc", "{}"];

    private readonly TestTopic _topic = new();
    private readonly TaskCompletionSource _answering = new();
    private readonly TaskCompletionSource _gate = new();
    private object? _value;
    private TestWorker _worker = null!;

    public async Task InitializeAsync()
    {
        _worker = await StartAsync();
        // Until then messages go by way of a file, which keeps no order with those that do not.
        await Eventually.BecomesTrueAsync(() => _worker.Kafka.IsUp);
    }

    public async Task DisposeAsync()
    {
        _gate.TrySetResult();
        await _worker.DisposeAsync();
    }

    public void Dispose() => _topic.Dispose();

    [Fact]
    public async Task Each_element_of_an_array_is_a_message_of_its_own() => Assert.Equal(
        ["{\"n\":1}", "{\"n\":2}"], await SendAsync(new[] { new Thing(1), null, new Thing(2) }));

    [Fact]
    public async Task A_single_value_is_one_message() => Assert.Equal(["{\"n\":7}"], await SendAsync(new Thing(7)));

    [Fact]
    public async Task Text_is_sent_as_it_is() => Assert.Equal(["plain \u00fc", "{}"], await SendAsync(_texts));

    [Fact]
    public async Task Bytes_are_one_message() => Assert.Equal(["abc"], await SendAsync("abc"u8.ToArray()));

    [Fact]
    public async Task Each_byte_array_of_an_array_is_a_message() => Assert.Equal(["a", "b"], await SendAsync(new[] { "a"u8.ToArray(), "b"u8.ToArray() }));

    [Fact]
    public async Task Null_and_an_empty_array_send_nothing()
    {
        Assert.Empty(await SendAsync(null));
        Assert.Empty(await SendAsync(Array.Empty<Thing>()));
        Assert.Empty(await SendAsync(new string?[] { null }));
    }

    [Fact]
    public async Task A_value_that_cannot_be_written_is_counted_and_the_answer_stands()
    {
        using var metering = new Metering(_worker.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());

        Assert.Equal(["{\"n\":1}"], await SendAsync(new object[] { typeof(string), new Thing(1), new Throwing() }));

        Assert.Equal(2, metering.Sum("functions.kafka.output.dropped"));
        Assert.Equal(1, metering.Sum("functions.kafka.output.accepted"));
        var line = Assert.Single(_worker.Logs.All, line => line.Level >= LogLevel.Error);
        Assert.Contains("Send", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_message_that_was_not_sent_is_told_by_the_end_of_the_process()
    {
        _value = new object[] { new Throwing() };
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("sent", await _worker.Client.GetStringAsync("/Send"));
        }

        Assert.Contains("1 messages of the function Send", Assert.Single(NotSent()), StringComparison.Ordinal);

        await _worker.StopAsync();
        Assert.Contains("19 messages of the function Send", Assert.Single(NotSent().Skip(1)), StringComparison.Ordinal);

        IEnumerable<string> NotSent() => _worker.Logs.All.Select(line => line.Text).Where(text => text.Contains("were not sent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Outputs_are_sent_before_the_answer()
    {
        var call = _worker.Client.GetStringAsync("/SendFirst");
        await _answering.Task.WaitAsync(Eventually.DefaultDeadline);

        // The answer is not written yet.
        await Eventually.EqualsAsync(1, () => _topic.CountAsync());
        Assert.False(call.IsCompleted);

        _gate.SetResult();
        Assert.Equal("late", await call);
    }

    [Fact]
    public async Task What_is_pending_is_reported_and_measured_until_Kafka_has_it()
    {
        using var metering = new Metering(_worker.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        var kafka = _worker.Services.GetRequiredService<IKafkaHost>();
        _topic.SetDown();
        _value = new[] { "a", "b", "c" };

        Assert.Equal("sent", await _worker.Client.GetStringAsync("/Send"));

        Assert.Equal(3, kafka.Report().Pending);
        Assert.Equal(3, metering.Observe("functions.kafka.output.pending"));
        // On the disk they are durable.
        Assert.Equal(0, await kafka.FlushAsync(TimeSpan.FromSeconds(30), CancellationToken.None));
        Assert.Equal(3, kafka.Report().Pending);

        _topic.SetUp();
        await Eventually.EqualsAsync(0, () => kafka.Report().Pending, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Without_a_spool_a_flush_tells_how_many_wait_for_Kafka_and_can_be_given_up()
    {
        await using var worker = await StartAsync(new() { ["EVENT_SPOOL_PATH"] = "/dev/null/spool" });
        var kafka = worker.Services.GetRequiredService<IKafkaHost>();
        _topic.SetDown();
        _value = new[] { "a", "b", "c" };
        await worker.Client.GetStringAsync("/Send");

        Assert.Equal(3, await kafka.FlushAsync(TimeSpan.FromMilliseconds(50), CancellationToken.None));
        using var cancellation = new CancellationTokenSource();
        var flush = kafka.FlushAsync(TimeSpan.FromMinutes(1), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush);

        _topic.SetUp();
        Assert.Equal(0, await kafka.FlushAsync(TimeSpan.FromSeconds(30), CancellationToken.None));
    }

    [Fact]
    public async Task An_answer_can_ask_whether_all_messages_were_accepted()
    {
        await using var worker = await StartAsync(new() { ["EVENT_SPOOL_PATH"] = "/dev/null/spool" });
        await Eventually.BecomesTrueAsync(() => worker.Kafka.IsUp);

        _value = _texts;
        Assert.Equal("accepted", await worker.Client.GetStringAsync("/Ask"));
        _value = null;
        Assert.Equal("accepted", await worker.Client.GetStringAsync("/Ask"));
        // No client takes it.
        _value = new[] { "a", new string('x', 1_100_000) };
        Assert.Equal("refused", await worker.Client.GetStringAsync("/Ask"));
    }

    /// <summary>Whoever waits for a flush waits for a disk that fails as well, and never hears that all is durable when it is not.</summary>
    [Fact]
    public async Task A_flush_waits_for_what_the_disk_did_not_sync_until_Kafka_has_it()
    {
        var disk = new FaultyDisk();
        await using var worker = await StartAsync(disk: disk);
        var kafka = worker.Services.GetRequiredService<IKafkaHost>();
        await Eventually.BecomesTrueAsync(() => worker.Kafka.IsUp);
        _topic.SetDown();
        await Eventually.BecomesTrueAsync(() => !worker.Kafka.IsUp, TimeSpan.FromSeconds(20));
        disk.Fails = static member => member == nameof(IOutboxDisk.Sync);
        _value = new[] { "a", "b", "c" };
        await worker.Client.GetStringAsync("/Send");

        var since = Stopwatch.GetTimestamp();
        Assert.InRange(await kafka.FlushAsync(TimeSpan.FromSeconds(1), CancellationToken.None), 1, 3);
        Assert.True(Stopwatch.GetElapsedTime(since) >= TimeSpan.FromSeconds(0.9));

        // They are in memory still, and a new file takes them.
        disk.Fails = null;
        Assert.Equal(0, await kafka.FlushAsync(TimeSpan.FromSeconds(30), CancellationToken.None));

        _topic.SetUp();
        await Eventually.EqualsAsync(0, () => kafka.Report().Pending, TimeSpan.FromSeconds(30));
        Assert.Equal(3, await _topic.CountAsync());
    }

    private Task<TestWorker> StartAsync(Dictionary<string, string?>? settings = null, IOutboxDisk? disk = null) => TestWorker.StartAsync(
        [
            TestFunctions.HttpWithEvents("Send", _topic.Output, () => Results.Text("sent"), () => _value),
            TestFunctions.HttpWithEvents("Ask", _topic.Output, () => new Asking(), () => _value),
            TestFunctions.HttpWithEvents("SendFirst", _topic.Output, () => new GatedAnswer(_answering, _gate.Task), () => "early"),
        ],
        settings,
        builder =>
        {
            builder.Services.ConfigureHttpJsonOptions(
                options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, TestJsonContext.Default));
            if (disk is not null)
            {
                builder.Services.AddSingleton(disk);
            }
        });

    private async Task<string[]> SendAsync(object? value)
    {
        _value = value;
        Assert.Equal("sent", await _worker.Client.GetStringAsync("/Send"));
        await Eventually.EqualsAsync(0, () => _worker.Kafka.Pending, TimeSpan.FromSeconds(30));
        return [.. (await TopicReader.ReadAllAsync(_topic.Brokers, TestTopic.Name)).Select(record => record.Message.Value)];
    }

    internal sealed record Thing([property: JsonPropertyName("n")] int Number);

    internal sealed class Throwing
    {
        [JsonPropertyName("x")]
        public string Value => throw new InvalidOperationException(ToString());
    }

    private sealed class Asking : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => httpContext.Response.WriteAsync(
            httpContext.RequestServices.GetRequiredService<IKafkaHost>().HasAccepted(httpContext) ? "accepted" : "refused");
    }

    private sealed class GatedAnswer(TaskCompletionSource answering, Task gate) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            answering.SetResult();
            await gate;
            await httpContext.Response.Body.WriteAsync(Encoding.ASCII.GetBytes("late"));
        }
    }

    [JsonSerializable(typeof(Thing))]
    [JsonSerializable(typeof(Throwing))]
    private sealed partial class TestJsonContext : JsonSerializerContext;
}
