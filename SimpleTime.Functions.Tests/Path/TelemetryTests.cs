using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SimpleTime.Functions.Tests.Support;
using Xunit;
using SpanKind = SimpleTime.Functions.Tests.Support.OtlpReceiver.SpanKind;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>What a collector gets of the service, and what the service does without one. Also run on the native binary.</summary>
[Trait("Category", "Smoke")]
public class TelemetryTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_is_followed_from_its_caller_to_the_span_that_wrote_the_row_in_another_process(bool isGrpc)
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc);
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 4);
        await using var persister = await ServiceProcess.StartAsync(Settings(
            broker, collector.Address, isGrpc, ("AzureFunctionsJobHost__functions__0", "PersistEvents"), ("AzureFunctionsJobHost__functions__1", "KafkaStatus")));
        await using var emitter = await ServiceProcess.StartAsync(Settings(broker, collector.Address, isGrpc, ("AzureWebJobs.PersistEvents.Disabled", "true")));
        await persister.BecomesUpAsync();
        await emitter.BecomesUpAsync();
        var caller = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        var trace = caller.TraceId.ToString();

        foreach (var probe in (string[])["/healthz", "/healthz/", "/HEALTHZ", "/readyz/", "/Metrics"])
        {
            await GetAsync(emitter, probe, caller);
        }

        await GetAsync(emitter, "/", caller);

        var process = await SpanAsync(collector, span => span.Kind == SpanKind.Consumer && span.Links.Any(link => link.TraceId == trace));
        var server = await SpanAsync(collector, span => span.TraceId == trace && span.Kind == SpanKind.Server);
        var invocation = await SpanAsync(collector, span => span.TraceId == trace && span.Kind == SpanKind.Internal);
        var send = await SpanAsync(collector, span => span.TraceId == trace && span.Kind == SpanKind.Producer);
        Assert.Equal(2, await StoredEvents.CountAsync(persister.DatabasePath, "SELECT (SELECT count(*) FROM http_requests) + (SELECT count(*) FROM http_responses)"));

        Assert.Equal(("GET /", caller.SpanId.ToString()), (server.Name, server.ParentId));
        Has(server, ("http.request.method", "GET"), ("http.route", "/"), ("http.response.status_code", "200"), ("url.scheme", "http"));
        Assert.Equal(("Time", server.Id), (invocation.Name, invocation.ParentId));
        Has(invocation, ("faas.trigger", "http"), ("faas.coldstart", "true"));
        Assert.True(Guid.TryParse(invocation.Attributes["faas.invocation_id"], out _));
        Assert.Equal(("send simple-time-events", invocation.Id), (send.Name, send.ParentId));
        Has(
            send,
            ("messaging.system", "kafka"),
            ("messaging.operation.name", "send"),
            ("messaging.operation.type", "send"),
            ("messaging.destination.name", "simple-time-events"),
            ("messaging.batch.message_count", "2"));
        Assert.Equal("process simple-time-events", process.Name);
        Assert.Equal([(trace, send.Id)], process.Links);
        Has(
            process,
            ("messaging.system", "kafka"),
            ("messaging.operation.name", "process"),
            ("messaging.operation.type", "process"),
            ("messaging.destination.name", "simple-time-events"),
            ("messaging.consumer.group.name", "simple-time-group"),
            ("faas.trigger", "pubsub"));

        var poll = await SpanAsync(collector, span => span.Kind == SpanKind.Client && span.Links.Any(link => link.TraceId == trace));
        Assert.Equal(("poll simple-time-events", ""), (poll.Name, poll.ParentId));
        Assert.Equal([(trace, send.Id)], poll.Links);
        Has(
            poll,
            ("messaging.system", "kafka"),
            ("messaging.operation.name", "poll"),
            ("messaging.operation.type", "receive"),
            ("messaging.consumer.group.name", "simple-time-group"),
            ("messaging.batch.message_count", process.Attributes["messaging.batch.message_count"]));
        Assert.Equal((poll.TraceId, poll.Id), (process.TraceId, process.ParentId));
        var store = await SpanAsync(collector, span => span.TraceId == poll.TraceId && span.ParentId == process.Id);
        Assert.Equal(($"BATCH INSERT {persister.DatabasePath}", SpanKind.Client), (store.Name, store.Kind));
        Has(
            store,
            ("db.system.name", "sqlite"),
            ("db.namespace", persister.DatabasePath),
            ("db.operation.name", "BATCH INSERT"),
            ("db.operation.batch.size", "2"));
        var commit = await SpanAsync(collector, span => span.TraceId == poll.TraceId && span.Name == "commit simple-time-events");
        Assert.Equal((SpanKind.Client, poll.Id, false), (commit.Kind, commit.ParentId, commit.IsError));
        Has(
            commit,
            ("messaging.operation.name", "commit"),
            ("messaging.operation.type", "settle"),
            ("messaging.destination.name", "simple-time-events"),
            ("messaging.consumer.group.name", "simple-time-group"));

        // The request and the response.
        var records = collector.Spans.Where(span => span.TraceId == trace && span.Kind == SpanKind.Consumer).ToArray();
        Assert.Equal(2, records.Length);
        foreach (var record in records)
        {
            Assert.Equal(("process simple-time-events", send.Id), (record.Name, record.ParentId));
            Assert.Equal([(process.TraceId, process.Id)], record.Links);
            Has(
                record,
                ("messaging.system", "kafka"),
                ("messaging.operation.name", "process"),
                ("messaging.operation.type", "process"),
                ("messaging.destination.name", "simple-time-events"),
                ("messaging.consumer.group.name", "simple-time-group"),
                ("simple_time.store.outcome", "stored"));
            Assert.True(record.Attributes.ContainsKey("messaging.destination.partition.id") && record.Attributes.ContainsKey("messaging.kafka.offset"));
        }

        Assert.Equal("simple-time-service", send.Resource["service.name"]);
        Assert.Equal("simple-time-service", send.Resource["faas.name"]);
        Assert.Matches("^[0-9]+[.]", send.Resource["service.version"]);
        Assert.NotEqual(send.Resource["service.instance.id"], process.Resource["service.instance.id"]);
        Assert.DoesNotContain(collector.Spans, span => span.Name.Contains("ealthz", StringComparison.Ordinal));
        Assert.All([server, invocation, send, process, store, .. records], span => Assert.False(span.IsError));
        await HasMetricsAsync(
            collector,
            "http.server.request.duration",
            "faas.invocations",
            "faas.invoke_duration",
            "functions.kafka.output.accepted",
            "functions.kafka.output.pending",
            "functions.kafka.output.spool.size",
            "functions.kafka.trigger.batch.size",
            "functions.kafka.trigger.lag",
            "functions.kafka.trigger.paused",
            "messaging.client.sent.messages",
            "messaging.client.consumed.messages",
            "messaging.client.operation.duration",
            "messaging.process.duration",
            "simple_time.store.rows_written",
            "simple_time.store.transaction.duration",
            "simple_time.build.info",
            "dotnet.gc.collections");
        await Eventually.BecomesTrueAsync(() => collector.Logs.Any(log => log.Text.StartsWith("Kafka is UP", StringComparison.Ordinal)), _deadline);
    }

    [Fact]
    public async Task What_waited_on_the_disk_still_says_which_request_sent_it()
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: false);
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        await using var service = await ServiceProcess.StartAsync(Settings(
            broker, collector.Address, isGrpc: false, ("AzureWebJobs.PersistEvents.Disabled", "true"), ("OTEL_SERVICE_NAME", "another name")));
        await service.BecomesUpAsync();
        await broker.DownAsync();
        await service.BecomesNotUpAsync();
        var caller = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        await GetAsync(service, "/", caller);
        service.Terminate();
        await service.WaitForExitAsync(_deadline);
        await broker.UpAsync();

        await using var next = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            broker.BootstrapServers, ("EVENT_SPOOL_PATH", service.SpoolPath), ("AzureWebJobs.PersistEvents.Disabled", "true")));

        var send = await SpanAsync(collector, span => span.TraceId == caller.TraceId.ToString() && span.Kind == SpanKind.Producer);
        Assert.Equal("another name", send.Resource["service.name"]);
        var records = await Eventually.MeetsAsync(
            () => TopicReader.ReadAllAsync(broker.BootstrapServers, ServiceCalls.Topic), records => records.Count == 2, _deadline);
        Assert.All(records, record => Assert.Equal(
            $"00-{send.TraceId}-{send.Id}-01", Encoding.ASCII.GetString(record.Message.Headers.GetLastBytes("traceparent"))));
    }

    [Fact]
    public async Task A_collector_that_fails_is_one_line_and_slows_nobody()
    {
        // Hangs up on everybody, and counts.
        using var dead = new TcpListener(IPAddress.Loopback, 0);
        dead.Start();
        var calls = 0;
        using var ending = new CancellationTokenSource();
        var hangingUp = HangUpAsync();
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        await using var service = await ServiceProcess.StartAsync(Settings(broker, $"127.0.0.1:{((IPEndPoint)dead.LocalEndpoint).Port}", isGrpc: true));
        await service.BecomesUpAsync();
        await service.GetTimesAsync(20);

        var started = Stopwatch.GetTimestamp();
        await service.GetTimesAsync(200);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5), $"200 requests took {Stopwatch.GetElapsedTime(started)}.");
        await Eventually.BecomesTrueAsync(() => Volatile.Read(ref calls) > 10, _deadline);
        await Eventually.BecomesTrueAsync(() => service.Output.Any(IsLoss), _deadline);
        await service.GetTimesAsync(20);

        Assert.Single(service.Output, IsLoss);

        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync(TimeSpan.FromSeconds(15)));
        // What failed since is told at the end.
        Assert.InRange(service.Output.Count(IsLoss), 1, 2);
        await ending.CancelAsync();
        await hangingUp;

        static bool IsLoss(string line) => line.Contains("Telemetry is lost", StringComparison.Ordinal);

        async Task HangUpAsync()
        {
            try
            {
                while (true)
                {
                    (await dead.AcceptSocketAsync(ending.Token)).Dispose();
                    Interlocked.Increment(ref calls);
                }
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    [Fact]
    public async Task Telemetry_that_cannot_be_set_up_is_told_and_the_rest_runs()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        await using var service = await ServiceProcess.StartAsync(Settings(
            broker, "http://:nowhere/", isGrpc: true, ("OTEL_METRIC_EXPORT_INTERVAL", "-1"), ("OTEL_TRACES_SAMPLER", "dice")));
        await service.BecomesUpAsync();
        await service.GetTimesAsync(1);

        await service.LogsOnceAsync("OTEL_EXPORTER_OTLP_ENDPOINT");
        await service.LogsOnceAsync("OTEL_METRIC_EXPORT_INTERVAL");
        Assert.Contains("faas_invocations", await service.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);

        // Nobody asked for traces: there are none in the records.
        var records = await Eventually.MeetsAsync(
            () => TopicReader.ReadAllAsync(broker.BootstrapServers, ServiceCalls.Topic), records => records.Count == 2, _deadline);
        Assert.All(records, record => Assert.Empty(record.Message.Headers));
    }

    [Fact]
    public async Task A_sampler_that_there_is_not_is_told_by_the_SDK_and_the_service_runs()
    {
        await using var collector = await OtlpReceiver.StartAsync(isGrpc: false);
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        await using var service = await ServiceProcess.StartAsync(Settings(broker, collector.Address, isGrpc: false, ("OTEL_TRACES_SAMPLER", "dice")));

        await service.GetTimesAsync(1);

        await service.LogsOnceAsync("OTEL_TRACES_SAMPLER");
    }

    [Fact]
    public async Task A_switched_off_SDK_leaves_the_service()
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            "127.0.0.1:1", ("OTEL_SDK_DISABLED", "true"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:1")));

        await service.GetTimesAsync(1);

        Assert.Empty(await service.Client.GetStringAsync("/metrics"));
        Assert.DoesNotContain(service.Output, line => line.Contains("Functions.Diagnostics", StringComparison.Ordinal));
    }

    private static Dictionary<string, string?> Settings(
        BrokerProcess broker, string collector, bool isGrpc, params ReadOnlySpan<(string Name, string? Value)> more) => ServiceCalls.Settings(
        broker.BootstrapServers,
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", isGrpc ? "grpc" : "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "50"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "50"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
            .. more,
        ]);

    private static async Task GetAsync(ServiceProcess service, string path, ActivityContext caller)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("traceparent", $"00-{caller.TraceId}-{caller.SpanId}-01");
        using var response = await service.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<OtlpReceiver.Span> SpanAsync(OtlpReceiver collector, Func<OtlpReceiver.Span, bool> predicate) =>
        (await Eventually.MeetsAsync(() => Task.FromResult(collector.Spans.Where(predicate).ToArray()), spans => spans.Length == 1, _deadline))[0];

    private static void Has(OtlpReceiver.Span span, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            Assert.Equal((name, value), (name, span.Attributes.GetValueOrDefault(name)));
        }
    }

    private static async Task HasMetricsAsync(OtlpReceiver collector, params string[] names)
    {
        var missing = names;
        await Eventually.BecomesTrueAsync(
            () => (missing = [.. names.Except(collector.Metrics.Select(metric => metric.Name))]).Length == 0, _deadline);
        Assert.Empty(missing);
    }
}
