using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>The monitors of the topics that the app's functions name. Safe for use by several threads.</summary>
internal sealed class TopicMonitors : IHostedService, IDisposable
{
    private static readonly TimeSpan _diagnosisInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(1);

    private readonly List<TopicMonitor> _monitors = [];
    private readonly KafkaClientFactory _clients;
    private readonly BackgroundLoops _loops;
    private readonly BrokerDiagnosis _diagnosis;
    private BackgroundLoop? _diagnosing;

    public TopicMonitors(
        FunctionRegistry functions,
        SettingNames names,
        KafkaBrokers brokers,
        KafkaClientFactory clients,
        BrokerProbe probe,
        IMeterFactory meters,
        BackgroundLoops loops,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        _clients = clients;
        _loops = loops;
        _diagnosis = new BrokerDiagnosis(probe, time, loggers.CreateLogger<BrokerDiagnosis>());

        // Also of functions that do not run here: an instance without the trigger still tells its group's lag.
        var triggers = functions.All.Select(f => f.Descriptor.Trigger).OfType<KafkaTriggerAttribute>()
            .Select(t => (t.BrokerList, t.Topic, Group: t.ConsumerGroup ?? "$Default"));
        var outputs = functions.All.SelectMany(f => f.Descriptor.Outputs).Select(o => o.Kafka).OfType<KafkaOutputAttribute>()
            .Select(o => (o.BrokerList, o.Topic, Group: ""));
        foreach (var (brokerListText, topicText, groupText) in triggers.Concat(outputs))
        {
            var brokerList = brokers.List(brokerListText);
            if (names.TryResolve(topicText, out var topic, out _) && names.TryResolve(groupText, out var group, out _)
                && !_monitors.Exists(m => m.BrokerList == brokerList && m.Topic == topic && (group.Length == 0 || m.Lag?.Group == group)))
            {
                _monitors.Add(new(
                    brokerList,
                    topic,
                    group.Length == 0 ? null : group,
                    onError => clients.CreateObserver(brokerList, group.Length == 0 ? "none" : group, onError),
                    loops,
                    time,
                    loggers.CreateLogger<TopicMonitor>()));
            }
        }

        // The lag that was known last: an alert must neither resolve nor fire because Kafka does not answer. Its age says whether it holds.
        var meter = meters.Create(WorkerMeter.Name);
        meter.CreateObservableGauge(
            "functions.kafka.trigger.lag", Lags, "{record}", "Records that a group has not committed, by partition, as Kafka told last.");
        meter.CreateObservableGauge("functions.kafka.trigger.lag_age", () => LagAges(time), "s", "How long ago Kafka told the lag of a group.");
    }

    public IReadOnlyList<TopicMonitor> All => _monitors;

    /// <summary>Gets whether every topic is up; false when there is none.</summary>
    public bool AreUp
    {
        get
        {
            foreach (var monitor in _monitors)
            {
                if (!monitor.IsUp)
                {
                    return false;
                }
            }

            return _monitors.Count > 0;
        }
    }

    /// <summary>Gets why Kafka cannot be used, or which part of it cannot: at most 512 characters on one line. Null when all is well.</summary>
    public string? Reason => _clients.SecurityProblem ?? _monitors.Select(monitor => monitor.Reason).FirstOrDefault(reason => reason is not null);

    /// <summary>Returns the monitor of a topic; null when no function names it.</summary>
    public TopicMonitor? Find(string brokerList, string topic) => _monitors.Find(m => m.BrokerList == brokerList && m.Topic == topic);

    /// <summary>Returns the monitor of a group's lag in a topic; null when no function has that trigger.</summary>
    public TopicMonitor? Find(string brokerList, string topic, string group) =>
        _monitors.Find(m => m.BrokerList == brokerList && m.Topic == topic && m.Lag?.Group == group);

    /// <summary>Returns a topic of a broker list for which the cluster names a leader; null when there is none.</summary>
    public string? FindAnswered(string brokerList) => _monitors.Find(m => m.BrokerList == brokerList && m.Leaders.Count > 0)?.Topic;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _monitors.ForEach(monitor => monitor.Start());
        if (_monitors.Count > 0)
        {
            _diagnosing = _loops.Run("kafka-diagnosis", _diagnosisInterval, DiagnoseAsync);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_monitors.Select(monitor => monitor.StopAsync()).Append(_diagnosing?.StopAsync(_stopTime) ?? Task.CompletedTask));

    private IEnumerable<Measurement<long>> Lags() => _monitors.SelectMany(monitor => monitor.Lag?.Last?.Partitions.Select((lag, partition) =>
        new Measurement<long>(
            lag,
            new("messaging.destination.name", monitor.Topic),
            new("messaging.destination.partition.id", partition.ToString(CultureInfo.InvariantCulture)),
            new("messaging.consumer.group.name", monitor.Lag?.Group))) ?? []);

    private IEnumerable<Measurement<double>> LagAges(TimeProvider time)
    {
        foreach (var monitor in _monitors)
        {
            if (monitor.Lag is { Last: { } lag } group)
            {
                yield return new Measurement<double>(
                    time.GetElapsedTime(lag.At).TotalSeconds,
                    new("messaging.destination.name", monitor.Topic),
                    new("messaging.consumer.group.name", group.Group));
            }
        }
    }

    public void Dispose()
    {
        _diagnosing?.Dispose();
        _monitors.ForEach(monitor => monitor.Dispose());
    }

    private async Task DiagnoseAsync(CancellationToken cancellationToken)
    {
        // The cause is known then, and the clients are not with these brokers.
        foreach (var monitor in _monitors.TakeWhile(_ => _clients.SecurityProblem is null))
        {
            await _diagnosis.RunAsync(monitor.Topic, _clients.BootstrapServers(monitor.BrokerList), monitor.Trouble, cancellationToken).ConfigureAwait(false);
        }
    }
}
