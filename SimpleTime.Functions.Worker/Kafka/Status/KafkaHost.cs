using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Hosting;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Output;
using SimpleTime.Functions.Worker.Kafka.Trigger;

namespace SimpleTime.Functions.Worker.Kafka.Status;

internal sealed class KafkaHost : IKafkaHost, IHostedService, IDisposable
{
    private readonly List<TopicMonitor> _monitors = [];
    private readonly KafkaOutputs _outputs;
    private readonly KafkaListeners _listeners;
    private readonly string _groups;

    public KafkaHost(
        FunctionRegistry functions,
        SettingNames names,
        KafkaBrokers brokers,
        KafkaClientFactory clients,
        KafkaOutputs outputs,
        KafkaListeners listeners,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        _outputs = outputs;
        _listeners = listeners;

        // Also of functions that do not run here: an instance without the trigger still tells its group's lag.
        var triggers = functions.All.Select(f => f.Descriptor.Trigger).OfType<KafkaTriggerAttribute>()
            .Select(t => Source(t.BrokerList, t.Topic, t.ConsumerGroup ?? "$Default"));
        var targets = functions.All.SelectMany(f => f.Descriptor.Outputs).Select(o => o.Kafka).OfType<KafkaOutputAttribute>()
            .Select(o => Source(o.BrokerList, o.Topic, null));
        var sources = triggers.Concat(targets).OfType<TopicSource>().DistinctBy(s => (s.BrokerList, s.Topic)).ToList();
        foreach (var source in sources)
        {
            _monitors.Add(new(source.BrokerList, source.Topic, source.Group, clients, time, loggers.CreateLogger<TopicMonitor>()));
        }

        _groups = Join(sources.Select(s => s.Group).OfType<string>());

        TopicSource? Source(string brokerList, string topic, string? group) =>
            names.TryResolve(topic, out var resolvedTopic, out _) && names.TryResolve(group ?? "", out var resolvedGroup, out _)
                ? new(brokers.List(brokerList), resolvedTopic, group is null ? null : resolvedGroup)
                : null;
    }

    public bool IsUp
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

    public KafkaReport Report()
    {
        var isUp = IsUp;
        return new KafkaReport(
            isUp,
            State(_outputs.IsUsed, isUp && _outputs.HaveClients),
            State(_listeners.All.Count > 0, isUp && _listeners.All.All(listener => listener.State.IsMember)),
            Join(_monitors.Select(monitor => monitor.BrokerList)),
            Join(_monitors.Select(monitor => monitor.Topic)),
            _groups,
            _outputs.Pending,
            _monitors.Aggregate((long?)0, (sum, monitor) => sum + monitor.Lag),
            _listeners.All.Select(listener => listener.State.PausedReason).FirstOrDefault(reason => reason is not null));
    }

    public Task<long> FlushAsync(TimeSpan timeout, CancellationToken cancellationToken) => _outputs.FlushAsync(timeout, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _monitors.ForEach(monitor => monitor.Start());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _monitors.ForEach(monitor => monitor.Stop());
        return Task.CompletedTask;
    }

    public void Dispose() => _monitors.ForEach(monitor => monitor.Dispose());

    private static KafkaClientState State(bool isUsed, bool isUp) =>
        !isUsed ? KafkaClientState.Disabled : isUp ? KafkaClientState.Up : KafkaClientState.NotUp;

    private static string Join(IEnumerable<string> values) => string.Join(',', values.Distinct());

    private sealed record TopicSource(string BrokerList, string Topic, string? Group);
}
