using System.Runtime.InteropServices;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Native;
using SimpleTime.Functions.Worker.Kafka.Security;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Clients;

/// <summary>Which of the client's own properties host.json may set.</summary>
public sealed class RefusedPropertiesTests
{
    private delegate nint Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, [MarshalAs(UnmanagedType.LPUTF8Str)] string mode);

    private delegate void OnFile(nint file);

    private const string Taken = """
        batch.num.messages batch.size broker.address.family broker.address.ttl builtin.features client.dns.lookup client.id client.rack
        compression.codec compression.level compression.type connections.max.idle.ms consume.callback.max.messages
        coordinator.query.interval.ms enable.metrics.push enable.random.seed fetch.error.backoff.ms fetch.min.bytes fetch.queue.backoff.ms
        fetch.wait.max.ms group.instance.id group.protocol group.protocol.type group.remote.assignor heartbeat.interval.ms https.ca.location
        https.ca.pem isolation.level linger.ms log.connection.close log.thread.name log_level message.copy.max.bytes
        message.max.bytes message.send.max.retries metadata.recovery.rebootstrap.trigger.ms metadata.recovery.strategy
        partition.assignment.strategy partitioner queue.buffering.backpressure.threshold queue.buffering.max.kbytes
        queue.buffering.max.messages queue.buffering.max.ms receive.message.max.bytes request.timeout.ms retries retry.backoff.max.ms
        retry.backoff.ms sasl.oauthbearer.extensions socket.connection.setup.timeout.ms socket.max.fails socket.nagle.disable socket.receive.buffer.bytes
        socket.send.buffer.bytes socket.timeout.ms ssl.cipher.suites ssl.crl.location
        ssl.curves.list ssl.engine.id ssl.keystore.location ssl.keystore.password
        ssl.providers ssl.sigalgs.list sticky.partitioning.linger.ms topic.metadata.propagation.max.ms
        topic.metadata.refresh.fast.interval.ms topic.metadata.refresh.interval.ms topic.metadata.refresh.sparse
        """;

    // Without an effect, or for brokers before 0.10.
    private const string Deprecated = """
        api.version.fallback.ms api.version.request api.version.request.timeout.ms broker.version.fallback produce.offset.report
        queuing.strategy reconnect.backoff.jitter.ms socket.blocking.max.ms topic.metadata.refresh.fast.cnt
        """;

    // The client refuses them by name, since only code can set them.
    private const string OfCode = """
        background_event_cb closesocket_cb connect_cb consume_cb default_topic_conf dr_cb dr_msg_cb error_cb interceptors log_cb
        msg_order_cmp oauthbearer_token_refresh_cb offset_commit_cb opaque open_cb partitioner_cb rebalance_cb resolve_cb socket_cb
        ssl.certificate.verify_cb ssl_ca ssl_certificate ssl_engine_callback_data ssl_key stats_cb throttle_cb
        """;

    [Fact]
    public void Each_property_that_the_client_knows_is_decided()
    {
        var decided = Names(Taken).Concat(Names(Deprecated)).Concat(Names(OfCode)).ToList();
        var refused = AllOfTheClient().Where(IsRefused).ToList();

        Assert.Equal(AllOfTheClient().Order(StringComparer.Ordinal), decided.Concat(refused).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("group.id", "ConsumerGroup")]
    [InlineData("auto.offset.reset", "autoOffsetReset")]
    [InlineData("enable.auto.commit", "events would be lost")]
    [InlineData("enable.auto.offset.store", "events would be lost")]
    [InlineData("offset.store.method", "events would be lost")]
    [InlineData("Max.Poll.Interval.Ms", "maxPollIntervalMs")]
    [InlineData("delivery.timeout.ms", "MessageTimeoutMs")]
    [InlineData("plugin.library.paths", "code")]
    [InlineData("transactional.id", "not transactional")]
    [InlineData("check.crcs", "needed")]
    public void A_refused_property_is_one_line_that_says_why_or_what_to_set_instead(string property, string expected)
    {
        using var clients = new TestClients(("librdkafka:" + property, "1"), ("librdkafka:linger.ms", "5"));

        Assert.Equal(["linger.ms"], clients.Settings.Librdkafka.Keys);
        var line = Assert.Single(clients.Notices.Lines);
        Assert.Contains(property, line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.Null(clients.Security.Problem);
    }

    private static bool IsRefused(string property) => (RefusedProperties.Reason(property) ?? SecurityProperties.Reason(property)) is not null;

    private static string[] Names(string text) => text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries);

    // As the client writes them itself: "name | C/P | range | default | importance | description".
    private static SortedSet<string> AllOfTheClient()
    {
        using var folder = new TempFolder();
        var path = folder.Combine("properties");
        var system = NativeLibrary.GetMainProgramHandle();
        var file = Function<Open>(system, "fopen")(path, "w");
        Assert.NotEqual(0, file);
        Function<OnFile>(LibrdkafkaLibrary.Handle, "rd_kafka_conf_properties_show")(file);
        Function<OnFile>(system, "fclose")(file);
        var names = File.ReadLines(path).Select(line => line.Split('|', 2))
            .Where(columns => columns.Length == 2 && !columns[0].StartsWith("Property ", StringComparison.Ordinal) && !columns[0].StartsWith('-'))
            .Select(columns => columns[0].Trim());
        return new SortedSet<string>(names, StringComparer.Ordinal);
    }

    private static T Function<T>(nint library, string name) => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));
}
