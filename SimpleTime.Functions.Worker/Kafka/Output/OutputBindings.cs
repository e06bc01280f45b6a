using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Hosting;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>Which producer and topic each output of the enabled functions has: a producer for each broker list and settings. Immutable.</summary>
internal sealed class OutputBindings
{
    private readonly Dictionary<ProducerProfile, OutputProducer> _producers = [];
    private readonly Dictionary<RegisteredFunction, FunctionOutputs> _functions = [];
    private readonly TopicMonitors _monitors;

    public OutputBindings(
        FunctionRegistry functions,
        SettingNames names,
        StartupNotices notices,
        KafkaBrokers brokers,
        KafkaClientFactory clients,
        TopicMonitors monitors,
        ClientWatch watch,
        MessageSerializer serializer,
        OutputSpool spool,
        OutputMetrics metrics,
        TimeProvider time,
        ThrottledLog throttled,
        ILoggerFactory loggers)
    {
        _monitors = monitors;
        foreach (var function in functions.Enabled)
        {
            var targets = new List<FunctionOutputs.Target>();
            for (var i = 0; i < function.Descriptor.Outputs.Count; i++)
            {
                if (function.Descriptor.Outputs[i] is { Kafka: { } kafka } output)
                {
                    targets.Add(Bind(function, i, output, kafka));
                }
            }

            _functions[function] = new(function.Name, targets, serializer, metrics, throttled, loggers.CreateLogger<FunctionOutputs>());
        }

        FunctionOutputs.Target Bind(RegisteredFunction function, int index, OutputDescriptor output, KafkaOutputAttribute kafka)
        {
            if (!names.TryResolve(kafka.Topic, out var topic, out var error))
            {
                notices.Add($"The output {output.Name} of the function {function.Name} sends nothing: {error}");
                return new(index, output.Name, null, null, null);
            }

            if (!serializer.CanWrite(output.MessageType!))
            {
                notices.Add($"The output {output.Name} of the function {function.Name} cannot be written as JSON: "
                    + $"add {output.MessageType} to the app's JsonSerializerContext and that to ConfigureHttpJsonOptions.");
            }

            var profile = ProducerProfile.Of(kafka, brokers.List(kafka.BrokerList));
            if (!_producers.TryGetValue(profile, out var producer))
            {
                producer = new OutputProducer(profile, clients, watch, spool, metrics, time, throttled, loggers.CreateLogger<OutputProducer>());
                _producers.Add(profile, producer);
            }

            brokers.EnsureTopic(profile.BrokerList, topic);
            return new(index, output.Name, producer, topic, monitors.Find(profile.BrokerList, topic));
        }
    }

    public IReadOnlyCollection<OutputProducer> Producers => _producers.Values;

    public FunctionOutputs Of(RegisteredFunction function) => _functions[function];

    /// <summary>Whether Kafka answers for a producer's broker list.</summary>
    public bool IsUp(OutputProducer producer) => _monitors.FindUp(producer.Profile.BrokerList) is not null;

    /// <summary>The producer for an entry of the spool; null when no output here has its broker list.</summary>
    public OutputProducer? ProducerOf(SpoolEntry entry)
    {
        foreach (var (profile, producer) in _producers)
        {
            if (profile.BrokerSetting == entry.BrokerSetting)
            {
                return producer;
            }
        }

        return null;
    }
}
