using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Kafka.Outputs;
using SimpleTime.Functions.Worker.Kafka.Status;
using SimpleTime.Functions.Worker.Kafka.Trigger;

namespace SimpleTime.Functions.Worker.Kafka;

internal sealed class KafkaHost(TopicMonitors monitors, ClientWatch watch, OutboxService outputs, KafkaListeners listeners) : IKafkaHost
{
    private readonly string _brokers = Join(monitors.All.Select(monitor => monitor.BrokerList));
    private readonly string _topics = Join(monitors.All.Select(monitor => monitor.Topic));
    private readonly string _groups = Join(monitors.All.Select(monitor => monitor.Lag?.Group).OfType<string>());

    public bool IsUp => monitors.AreUp;

    public KafkaReport Report()
    {
        var isUp = IsUp;
        var consumes = listeners.All.Count > 0;
        var failure = Failure(monitors.All.Select(monitor => monitor.Loop).Append(watch.Loop));
        var producerFailure = failure ?? Failure(outputs.Loops);
        var consumerFailure = failure ?? Failure(
            monitors.All.Select(monitor => monitor.Lag?.Loop).Concat(listeners.All.Select(listener => listener.State.CommitLoop)));
        return new KafkaReport(
            isUp,
            State(outputs.IsUsed, isUp && outputs.HaveClients && producerFailure is null),
            State(consumes, isUp && listeners.All.All(listener => listener.State.IsMember) && consumerFailure is null && Unreadable() is null),
            _brokers,
            _topics,
            _groups,
            outputs.Pending,
            monitors.All.Select(monitor => monitor.Lag).OfType<GroupLag>().Aggregate((long?)0, (sum, lag) => sum + lag.Total),
            listeners.All.Select(listener => listener.State.PausedReason).FirstOrDefault(reason => reason is not null)
                ?? (consumes ? consumerFailure ?? Unreadable() : null),
            monitors.Reason);
    }

    public bool HasAccepted(HttpContext request) => request.Features.Get<MessagesNotAccepted>() is null;

    public Task<long> FlushAsync(TimeSpan timeout, CancellationToken cancellationToken) => outputs.FlushAsync(timeout, cancellationToken);

    private static string? Failure(IEnumerable<BackgroundLoop?> loops) => loops
        .Select(loop => loop?.Failure is { } failure ? $"The background loop {loop.Name} fails: {failure}" : null)
        .FirstOrDefault(failure => failure is not null);

    private string? Unreadable() => monitors.All.Select(monitor => monitor.ReadProblem).FirstOrDefault(problem => problem is not null);

    private static KafkaClientState State(bool isUsed, bool isUp) =>
        !isUsed ? KafkaClientState.Disabled : isUp ? KafkaClientState.Up : KafkaClientState.NotUp;

    private static string Join(IEnumerable<string> values) => string.Join(',', values.Distinct());
}
