namespace SimpleTime.Functions.Worker.Kafka.Embedded;

/// <summary>How an <see cref="EmbeddedBroker"/> starts. Immutable.</summary>
internal sealed record EmbeddedBrokerOptions
{
    /// <summary>The largest <see cref="BrokerCount"/>: every broker is a listening socket.</summary>
    public const int MaxBrokerCount = 100;

    /// <summary>Gets how many brokers the cluster has, 1 to <see cref="MaxBrokerCount"/>. Their ids count from 1.</summary>
    public int BrokerCount { get; init; } = 1;

    /// <summary>
    /// Gets how long the coordinator of an empty group waits for more members before it hands out the partitions: whole
    /// milliseconds, zero or more. A Kafka broker, and the mock cluster left alone, waits 3 s.
    /// </summary>
    public TimeSpan GroupInitialRebalanceDelay { get; init; } = TimeSpan.Zero;
}
