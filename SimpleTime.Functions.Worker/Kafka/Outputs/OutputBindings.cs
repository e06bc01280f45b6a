using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Outputs;

/// <summary>Where each output of the enabled functions sends to. Safe for use by several threads.</summary>
internal sealed class OutputBindings
{
    private readonly Dictionary<RegisteredFunction, FunctionOutputs> _functions = [];

    public OutputBindings(
        FunctionRegistry functions,
        SettingNames names,
        StartupNotices notices,
        KafkaBrokers brokers,
        OutboxDestinations destinations,
        MessageSerializer serializer,
        OutboxSender sender,
        OutboxMetrics metrics,
        ThrottledLog throttled,
        ILoggerFactory loggers)
    {
        foreach (var function in functions.Enabled)
        {
            var targets = new List<FunctionOutputs.Target>();
            for (var i = 0; i < function.Descriptor.Outputs.Count; i++)
            {
                if (function.Descriptor.Outputs[i] is { Kafka: { } kafka } output)
                {
                    targets.Add(new(i, output.Name, Find(function, output, kafka)));
                }
            }

            _functions[function] = new(function.Name, targets, serializer, sender, metrics, throttled, loggers.CreateLogger<FunctionOutputs>());
        }

        OutboxDestination? Find(RegisteredFunction function, OutputDescriptor output, KafkaOutputAttribute kafka)
        {
            if (!names.TryResolve(kafka.Topic, out var topic, out var error))
            {
                notices.Add($"The output {output.Name} of the function {function.Name} sends nothing: {error}");
                return null;
            }

            if (!serializer.CanWrite(output.MessageType!))
            {
                notices.Add($"The output {output.Name} of the function {function.Name} cannot be written as JSON: "
                    + $"add {output.MessageType} to the app's JsonSerializerContext and that to ConfigureHttpJsonOptions.");
            }

            var profile = ProducerProfile.Of(kafka, brokers.List(kafka.BrokerList));
            brokers.EnsureTopic(profile.BrokerList, topic);
            return destinations.GetOrAdd(profile, topic);
        }
    }

    public FunctionOutputs Of(RegisteredFunction function) => _functions[function];
}
