using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Kafka.Embedded;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>
/// Knows where brokers are. The list <c>embedded</c> stands for a broker in this process, started when it is first asked for.
/// Safe for use by several threads.
/// </summary>
internal sealed partial class KafkaBrokers(SettingNames names, ILogger<KafkaBrokers> logger) : IDisposable
{
    /// <summary>Where a client finds nobody: the service then runs as it does with any broker that is away.</summary>
    public const string Unreachable = "127.0.0.1:1";

    private const int EmbeddedPartitions = 12;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _topics = [];
    private EmbeddedBroker? _broker;
    private bool _failed;

    /// <summary>Returns the broker list of an attribute, a setting's value or the text itself, without white space, which a list over several lines has.</summary>
    public string List(string attributeText) => BrokerList.Parse(names.SettingOrText(attributeText));

    /// <summary>Returns where a client connects first.</summary>
    public string BootstrapServers(string brokerList) => EmbeddedBroker.IsNamedBy(brokerList) ? Start()?.BootstrapServers ?? Unreachable : brokerList;

    /// <summary>Makes a topic on the embedded broker; on any other it is somebody else's work.</summary>
    public void EnsureTopic(string brokerList, string topic)
    {
        if (EmbeddedBroker.IsNamedBy(brokerList) && Start() is { } broker)
        {
            lock (_lock)
            {
                try
                {
                    if (_topics.Add(topic))
                    {
                        broker.CreateTopic(topic, EmbeddedPartitions);
                    }
                }
                catch (Exception e) when (e is ArgumentException or InvalidOperationException)
                {
                    Log.NoTopic(logger, Diagnostics.SafeText.OneLine(topic, 256), e.Message);
                }
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _broker?.Dispose();
            _broker = null;
        }
    }

    private EmbeddedBroker? Start()
    {
        lock (_lock)
        {
            if (_broker is null && !_failed)
            {
                try
                {
                    _broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions());
                    Log.Started(logger, _broker.BootstrapServers);
                }
                catch (Exception e) when (e is PlatformNotSupportedException or InvalidOperationException)
                {
                    _failed = true;
                    Log.Failed(logger, e.Message);
                }
            }

            return _broker;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(25, LogLevel.Information, "An embedded Kafka broker for development runs at {BootstrapServers}; it forgets its records when the process ends.")]
        public static partial void Started(ILogger logger, string bootstrapServers);

        [LoggerMessage(27, LogLevel.Error, "The embedded Kafka broker does not make the topic {Topic}: {Reason}")]
        public static partial void NoTopic(ILogger logger, string topic, string reason);

        [LoggerMessage(26, LogLevel.Error, "The embedded Kafka broker does not run here, Kafka will be NOT UP: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
