using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Kafka.Outputs;
using SimpleTime.Functions.Worker.Kafka.Status;
using SimpleTime.Functions.Worker.Lifetime;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>The listeners of the enabled Kafka functions.</summary>
internal sealed class KafkaListeners : IHostedService, IDisposable
{
    // The rest of the 15 s of a shutdown belongs to requests and producers.
    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(4);

    // Records of the embedded broker are gone with the process.
    private static readonly TimeSpan _embeddedDrainTime = TimeSpan.FromSeconds(5);

    private readonly OutboxService _outbox;
    private readonly TriggerMetrics _metrics;

    public KafkaListeners(
        FunctionRegistry functions,
        FunctionExecutionDelegate pipeline,
        SettingNames names,
        KafkaSettings settings,
        KafkaBrokers brokers,
        KafkaClientFactory clients,
        ClientWatch watch,
        TopicMonitors monitors,
        BackgroundLoops loops,
        OutboxService outbox,
        OutputBindings outputs,
        IServiceScopeFactory scopes,
        IEnumerable<IUndecodableBatches> undecodable,
        InvocationMetrics invocations,
        TriggerMetrics metrics,
        FatalStop fatal,
        TimeProvider time,
        ThrottledLog throttled,
        ILoggerFactory loggers)
    {
        _outbox = outbox;
        All = [.. functions.Enabled.Where(f => f.Descriptor.Trigger is KafkaTriggerAttribute).Select(Create)];
        _metrics = metrics;

        KafkaListener Create(RegisteredFunction function)
        {
            var trigger = (KafkaTriggerAttribute)function.Descriptor.Trigger;
            var options = new ListenerOptions(
                function.Name,
                brokers.List(trigger.BrokerList),
                names.Resolve(trigger.Topic),
                names.Resolve(trigger.ConsumerGroup ?? "$Default"),
                trigger.IsBatched ? settings.MaxBatchSize : 1,
                trigger.IsBatched ? settings.SubscriberInterval : TimeSpan.Zero,
                RetrySchedule.Of(function.Descriptor.Retry, settings),
                settings.AutoOffsetReset,
                TimeSpan.FromMilliseconds(settings.MaxPollIntervalMs),
                TimeSpan.FromMilliseconds(settings.AutoCommitIntervalMs),
                undecodable.Any());
            brokers.EnsureTopic(options.BrokerList, options.Topic);
            var monitor = monitors.Find(options.BrokerList, options.Topic, options.Group);
            var state = new ListenerState();
            var invoker = new BatchInvoker(
                function, options, pipeline, outputs.Of(function), scopes, new FunctionTelemetry(function, invocations), metrics);
            var watchdog = new PollWatchdog(options.MaxPollInterval, time, fatal.Begin);
            var log = new ListenerLog(options, throttled, loggers.CreateLogger<ListenerLog>());
            var context = new ListenerContext(options, state, log, invoker, () => monitor?.Lag?.Lags, clients, watch, loops, metrics, fatal.Begin, time, loggers);
            return new KafkaListener(
                options,
                () => new ConsumerSession(context),
                state,
                watchdog,
                time,
                loggers.CreateLogger<KafkaListener>());
        }
    }

    public IReadOnlyList<KafkaListener> All { get; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _metrics.Observe(All);
        foreach (var listener in All)
        {
            listener.Start();
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var drainTime = TimeSpan.Zero;
        if (All.Any(listener => listener.IsEmbedded))
        {
            await _outbox.DrainAsync(_embeddedDrainTime).ConfigureAwait(false);
            drainTime = _embeddedDrainTime;
        }

        await Task.WhenAll(All.Select(listener => listener.StopAsync(listener.IsEmbedded ? drainTime : TimeSpan.Zero, _stopTime))).ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (var listener in All)
        {
            listener.Dispose();
        }
    }
}
