using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Outbox.Files;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using SimpleTime.Functions.Worker.Kafka.Outputs;
using SimpleTime.Functions.Worker.Kafka.Status;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>The outbox of one process, as the worker makes it, with real clients and files, and topics that nothing but a test sends to.</summary>
internal sealed class OutboxUnderTest : IAsyncDisposable
{
    public const string BrokerSetting = "TestBrokers";

    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(20);

    private static readonly ClientWatchTimes _watchTimes =
        new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(300));

    private readonly IHost _host;
    private readonly TopicMonitors _monitors;
    private readonly OutboxService _service;
    private readonly OutboxSender _sender;
    private readonly Worker.Kafka.Outbox.Outbox _outbox;
    private bool _isStarted;
    private bool _isKilled;

    /// <param name="root">The folder of the files.</param>
    /// <param name="brokers">The brokers; null where nobody listens.</param>
    /// <param name="topics">The topics that a function of the process names.</param>
    /// <param name="maxBytes">What the files may take.</param>
    /// <param name="messageTimeoutMs">How long a client tries to deliver a message; null for the default.</param>
    /// <param name="time">The clock; the system's when null.</param>
    public OutboxUnderTest(
        string root, string? brokers, string[] topics, long maxBytes = 64 * 1024 * 1024, int? messageTimeoutMs = null, TimeProvider? time = null)
    {
        Root = root;
        Brokers = brokers ?? KafkaBrokers.Unreachable;
        var settings = new Dictionary<string, string?>
        {
            ["EVENT_SPOOL_PATH"] = root,
            ["EVENT_SPOOL_MAX_BYTES"] = maxBytes.ToString(CultureInfo.InvariantCulture),
            [BrokerSetting] = Brokers,
            [TestWorker.KafkaSetting("reconnectBackoffMs")] = "50",
            [TestWorker.KafkaSetting("reconnectBackoffMaxMs")] = "100",
        };
        (_host, Log) = TestWorker.Build(
            [.. topics.Select(topic => TestFunctions.HttpWithEvents(topic, Output(topic), () => Results.Text(""), () => null))],
            settings,
            builder => builder.Services.AddSingleton<IOutboxDisk>(Disk).AddSingleton(time ?? TimeProvider.System).AddSingleton(services =>
                new ClientWatch(_ => topics[0], services.GetRequiredService<BackgroundLoops>(), TimeProvider.System, _watchTimes)));

        // What the functions send with; the host, which is not started, would make it.
        _host.Services.GetRequiredService<OutputBindings>();
        Metering = new Metering(_host.Services.GetRequiredService<IMeterFactory>());
        _monitors = _host.Services.GetRequiredService<TopicMonitors>();
        _service = _host.Services.GetRequiredService<OutboxService>();
        _sender = _host.Services.GetRequiredService<OutboxSender>();
        _outbox = _host.Services.GetRequiredService<Worker.Kafka.Outbox.Outbox>();

        KafkaOutputAttribute Output(string topic)
        {
            var output = new KafkaOutputAttribute(BrokerSetting, topic);
            output.MessageTimeoutMs = messageTimeoutMs ?? output.MessageTimeoutMs;
            return output;
        }
    }

    public string Root { get; }

    public string Brokers { get; }

    public FaultyDisk Disk { get; } = new();

    public LogLines Log { get; }

    public Metering Metering { get; }

    /// <summary>Gets what replaces clients that do not reach Kafka, as if another client did; it is not started.</summary>
    public ClientWatch Watch => _host.Services.GetRequiredService<ClientWatch>();

    public OutboxWriter Writer => _host.Services.GetRequiredService<OutboxWriter>();

    public long Pending => _outbox.Pending;

    public long NotDurable => _outbox.CountNotDurable();

    /// <summary>Gets the age of the oldest message as it is measured, in seconds.</summary>
    public double PendingAge => Assert.Single(Metering.ObserveEach("functions.kafka.output.pending_age"));

    public long Dropped => Metering.Sum("functions.kafka.output.dropped");

    public long Spooled => Metering.Sum("functions.kafka.output.spooled");

    /// <summary>Gets the files that messages are in, those of all processes under the root.</summary>
    public string[] Files => FilesUnder(Root);

    /// <summary>Makes an outbox and starts it.</summary>
    /// <inheritdoc cref="OutboxUnderTest(string, string?, string[], long, int?, TimeProvider?)"/>
    public static async Task<OutboxUnderTest> StartAsync(string root, string? brokers, string[] topics, long maxBytes = 64 * 1024 * 1024)
    {
        var outbox = new OutboxUnderTest(root, brokers, topics, maxBytes);
        await outbox.StartAsync();
        return outbox;
    }

    public static string[] FilesUnder(string root) => Directory.Exists(root)
        ? [.. Directory.GetFiles(root, "*", SearchOption.AllDirectories).Where(OutboxFileNames.IsLeft).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Reads the numbers of the messages in a topic, as often as each is in it.</summary>
    public static async Task<List<int>> ReadAsync(string brokers, string topic) =>
        [.. (await TopicReader.ReadAllAsync(brokers, topic)).Select(record => int.Parse(record.Message.Value.AsSpan(0, 8), CultureInfo.InvariantCulture)).Order()];

    public async Task StartAsync()
    {
        _isStarted = true;
        await _monitors.StartAsync(CancellationToken.None);
        await _service.StartAsync(CancellationToken.None);
    }

    public OutboxDestination Destination(string topic) =>
        _host.Services.GetRequiredService<OutboxDestinations>().FindOrAdd(BrokerSetting, topic)!;

    /// <summary>Accepts messages that their numbers tell apart, all of which there must be room for.</summary>
    public void Accept(string topic, int first, int count, int bytes = 100)
    {
        var destination = Destination(topic);
        for (var number = first; number < first + count; number++)
        {
            var value = Encoding.UTF8.GetBytes(number.ToString("D8", CultureInfo.InvariantCulture).PadRight(bytes, 'x'));
            Assert.True(_sender.TryAccept(destination, value, new Headers { { "traceparent", [1] } }));
        }
    }

    /// <summary>Ends the first message that was read back, as its acknowledgement does.</summary>
    public void EndFirst(string topic) =>
        _host.Services.GetRequiredService<OutboxMessages>().End(Destination(topic).Backlog.First!.Value);

    public Task<long> FlushAsync(TimeSpan timeout) => _service.FlushAsync(timeout, CancellationToken.None);

    /// <summary>Waits until files have all that Kafka has not.</summary>
    public Task BecomesDurableAsync() => Eventually.EqualsAsync(0, () => NotDurable, TimeSpan.FromSeconds(30));

    /// <summary>Waits until Kafka has everything that this process knows of.</summary>
    public Task IsSentAsync() => Eventually.EqualsAsync(0, () => Pending, TimeSpan.FromSeconds(60));

    /// <summary>Ends the process without any farewell.</summary>
    public async Task KillAsync()
    {
        _isKilled = true;
        await Task.WhenAll(_service.Loops.Select(loop => loop.StopAsync(_stopTime)));
        Disk.Kill();
        await EndClientsAsync();
    }

    /// <summary>Ends the process as SIGTERM does.</summary>
    public Task StopAsync() => _service.StopAsync(CancellationToken.None).WaitAsync(_stopTime);

    public async ValueTask DisposeAsync()
    {
        Disk.Fails = null;
        Metering.Dispose();
        if (_isKilled)
        {
            return;
        }

        if (_isStarted)
        {
            await Task.WhenAll(_service.Loops.Select(loop => loop.StopAsync(_stopTime)));
            await _service.DisposeAsync().AsTask().WaitAsync(_stopTime);
            await _monitors.StopAsync(CancellationToken.None);
        }

        await ((IAsyncDisposable)_host).DisposeAsync().AsTask().WaitAsync(_stopTime);
    }

    private async Task EndClientsAsync()
    {
        foreach (var producer in _host.Services.GetRequiredService<OutboxDestinations>().Producers)
        {
            await producer.DisposeAsync();
        }

        await _monitors.StopAsync(CancellationToken.None);
        _monitors.Dispose();
    }
}
