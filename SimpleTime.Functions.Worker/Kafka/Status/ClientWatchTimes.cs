namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>The times of a <see cref="ClientWatch"/>.</summary>
/// <param name="Interval">From one look at the clients to the next.</param>
/// <param name="Quiet">How long a client has cause to be asked before it is.</param>
/// <param name="Unanswered">How long a client that is asked gets no answer before it counts as lost.</param>
internal sealed record ClientWatchTimes(TimeSpan Interval, TimeSpan Quiet, TimeSpan Unanswered)
{
    /// <summary>Gets the times of the service.</summary>
    public static ClientWatchTimes Default { get; } = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30));
}
