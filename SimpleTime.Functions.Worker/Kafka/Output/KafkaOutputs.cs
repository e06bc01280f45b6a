using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Hosting;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Kafka.Clients;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>The producers of the enabled functions, one for each broker list and settings. Safe for use by several threads.</summary>
internal sealed class KafkaOutputs : IHostedService, IAsyncDisposable
{
    // SIGTERM to exit takes 15 s at the most; the requests and the consumers have the rest.
    private static readonly TimeSpan _flushTime = TimeSpan.FromSeconds(5);

    private readonly Dictionary<ProducerProfile, OutputProducer> _producers = [];
    private readonly Dictionary<RegisteredFunction, FunctionOutputs> _functions = [];

    public KafkaOutputs(
        FunctionRegistry functions,
        SettingNames names,
        StartupNotices notices,
        KafkaBrokers brokers,
        KafkaClientFactory clients,
        MessageSerializer serializer,
        OutputMetrics metrics,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        foreach (var function in functions.Enabled)
        {
            var targets = new List<FunctionOutputs.Target>();
            for (var i = 0; i < function.Descriptor.Outputs.Count; i++)
            {
                var output = function.Descriptor.Outputs[i];
                if (output.Kafka is not { } kafka)
                {
                    continue;
                }

                if (!names.TryResolve(kafka.Topic, out var topic, out var error))
                {
                    notices.Add($"The output {output.Name} of the function {function.Name} sends nothing: {error}");
                    targets.Add(new(i, output.Name, null, null));
                    continue;
                }

                if (!serializer.CanWrite(output.MessageType!))
                {
                    notices.Add($"The output {output.Name} of the function {function.Name} cannot be written as JSON: "
                        + $"add {output.MessageType} to the app's JsonSerializerContext and that to ConfigureHttpJsonOptions.");
                }

                var profile = ProducerProfile.Of(kafka, brokers.List(kafka.BrokerList));
                if (!_producers.TryGetValue(profile, out var producer))
                {
                    producer = new OutputProducer(profile, clients, metrics, time, loggers.CreateLogger<OutputProducer>());
                    _producers.Add(profile, producer);
                }

                brokers.EnsureTopic(profile.BrokerList, topic);
                targets.Add(new(i, output.Name, producer, topic));
            }

            _functions[function] = new(function.Name, targets, serializer, metrics, time, loggers.CreateLogger<FunctionOutputs>());
        }

        metrics.ObservePending(() => Pending);
    }

    /// <summary>Whether an enabled function has a Kafka output.</summary>
    public bool IsUsed => _producers.Count > 0;

    /// <summary>Whether every producer has a client.</summary>
    public bool HaveClients => _producers.Values.All(producer => producer.HasClient);

    /// <summary>Messages accepted and not acknowledged.</summary>
    public long Pending => _producers.Values.Sum(producer => (long)producer.Pending);

    public FunctionOutputs Of(RegisteredFunction function) => _functions[function];

    /// <summary>Waits until what was accepted so far is acknowledged.</summary>
    /// <returns>How many messages are still pending; 0 unless the time ran out.</returns>
    public async Task<long> FlushAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var pending = await Task.WhenAll(_producers.Values.Select(producer => producer.FlushAsync(timeout, cancellationToken))).ConfigureAwait(false);
        return pending.Sum();
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var producer in _producers.Values)
        {
            producer.Start();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => FlushAsync(_flushTime, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var producer in _producers.Values)
        {
            await producer.DisposeAsync().ConfigureAwait(false);
        }
    }
}
