using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Holds what the consumers of a listener share, one after the other. Immutable.</summary>
/// <param name="Options">What the trigger and host.json say.</param>
/// <param name="State">What others may know of the listener.</param>
/// <param name="Log">Tells what goes wrong again and again.</param>
/// <param name="Invoker">Invokes the function.</param>
/// <param name="Lags">Returns the lag of each partition, in records; null while it is not known. Safe for use by several threads.</param>
/// <param name="Clients">Makes clients.</param>
/// <param name="Watch">Watches clients.</param>
/// <param name="Loops">Runs background loops.</param>
/// <param name="Metrics">The instruments of the trigger.</param>
/// <param name="EndProcess">Ends the process in order, for a reason. Does not wait for the end.</param>
/// <param name="Time">The clock.</param>
/// <param name="Loggers">Makes logs.</param>
internal sealed record ListenerContext(
    ListenerOptions Options,
    ListenerState State,
    ListenerLog Log,
    BatchInvoker Invoker,
    Func<IReadOnlyList<long>?> Lags,
    KafkaClientFactory Clients,
    ClientWatch Watch,
    BackgroundLoops Loops,
    TriggerMetrics Metrics,
    Action<string> EndProcess,
    TimeProvider Time,
    ILoggerFactory Loggers);
