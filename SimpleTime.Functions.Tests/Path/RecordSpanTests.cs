using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using SimpleTime.Functions.Tests.Support;
using Xunit;
using SpanKind = SimpleTime.Functions.Tests.Support.OtlpReceiver.SpanKind;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>What a trace shows of what became of a request's events. Also run on the native binary.</summary>
[Trait("Category", "Smoke")]
public class RecordSpanTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_trace_ends_with_what_became_of_each_record()
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: true);
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        var senders = Array.ConvertAll(new int[4], _ => Sender());
        Produce(
            broker,
            ("""{"event_type":"x","event_id":"0198f0c4-0000-7000-8000-000000000001"}""", senders[0], "01"),
            ("""{"event_type":"x","event_id":"0198f0c4-0000-7000-8000-000000000001"}""", senders[1], "01"),
            ("nonsense", senders[2], "01"),
            ("""{"event_type":"x"}""", senders[3], "00"));
        await using var service = await StartAsync(broker, collector);

        var batch = await BatchAsync(collector, 4);
        await Eventually.EqualsAsync(3, () => collector.Spans.Count(IsOfRecord), _deadline);

        Assert.Equal(["stored", "duplicate", "dead_letter", "no span"], senders.Select(sender => OfRecord(sender)?.Attributes["simple_time.store.outcome"] ?? "no span"));
        Assert.All(senders[..3], sender => Assert.Equal(
            (sender.SpanId.ToString(), (batch.TraceId, batch.Id)), (OfRecord(sender)!.ParentId, Assert.Single(OfRecord(sender)!.Links))));

        OtlpReceiver.Span? OfRecord(ActivityContext sender) => collector.Spans.SingleOrDefault(span => span.TraceId == sender.TraceId.ToString());
    }

    [Fact]
    public async Task Each_of_a_thousand_records_has_its_span()
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: true);
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        Produce(broker, Array.ConvertAll(new int[1000], _ => ("""{"event_type":"x"}""", Sender(), "01")));
        await using var service = await StartAsync(broker, collector);

        await BatchAsync(collector, 1000);

        await Eventually.EqualsAsync(1000, () => collector.Spans.Count(IsOfRecord), _deadline);
    }

    [Fact]
    public async Task What_could_not_be_stored_says_why()
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: true);
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        using var folder = new TempFolder();
        var path = folder.Combine("events.db");
        await File.WriteAllTextAsync(path, new string('x', 4096));
        Produce(broker, ("""{"event_type":"x"}""", Sender(), "01"));
        await using var service = await StartAsync(broker, collector, ("DB_PATH", path));

        await Eventually.BecomesTrueAsync(() => collector.Spans.Any(span => IsOfRecord(span) && span.IsError), _deadline);
        File.Delete(path);
        await Eventually.BecomesTrueAsync(() => collector.Spans.Any(span => IsOfRecord(span) && !span.IsError), _deadline);

        var failed = collector.Spans.Where(span => span.IsError).ToArray();
        Assert.Equal(["INSERT", "process", "process"], failed.Take(3).Select(span => span.Name.Split(' ')[0]).Order());
        Assert.All(failed, span => Assert.StartsWith($"DB_PATH {path}: it is not a SQLite database.", span.Description, StringComparison.Ordinal));
        Assert.Equal(
            ("26", "26"),
            Array.Find(failed, span => span.Kind == SpanKind.Client) is { } store ? (store.Attributes["db.response.status_code"], store.Attributes["error.type"]) : default);
        Assert.Single(collector.Spans, span => IsOfRecord(span) && span.Attributes.GetValueOrDefault("simple_time.store.outcome") == "stored");
    }

    private static ActivityContext Sender() => new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

    private static bool IsOfRecord(OtlpReceiver.Span span) => span.Kind == SpanKind.Consumer && !span.Attributes.ContainsKey("messaging.batch.message_count");

    private static void Produce(BrokerProcess broker, params ReadOnlySpan<(string Value, ActivityContext Sender, string Flags)> records)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        foreach (var (value, sender, flags) in records)
        {
            producer.Produce(ServiceCalls.Topic, new Message<Null, string>
            {
                Value = value,
                Headers = [new Header("traceparent", Encoding.ASCII.GetBytes($"00-{sender.TraceId}-{sender.SpanId}-{flags}"))],
            });
        }

        Assert.Equal(0, producer.Flush(_deadline));
    }

    private static Task<ServiceProcess> StartAsync(BrokerProcess broker, OtlpReceiver collector, params ReadOnlySpan<(string Name, string? Value)> more) =>
        ServiceProcess.StartAsync(ServiceCalls.Settings(
            broker.BootstrapServers, [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_BSP_SCHEDULE_DELAY", "100"), .. more]));

    private static async Task<OtlpReceiver.Span> BatchAsync(OtlpReceiver collector, int records) => (await Eventually.MeetsAsync(
        () => Task.FromResult(collector.Spans.Where(
            span => span.Kind == SpanKind.Consumer && span.Attributes.GetValueOrDefault("messaging.batch.message_count") == $"{records}").ToArray()),
        spans => spans.Length == 1,
        _deadline))[0];
}
