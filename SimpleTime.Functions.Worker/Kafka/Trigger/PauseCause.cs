namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Names what keeps a listener from taking records. Several may hold at once; the first in this order is told.</summary>
internal enum PauseCause
{
    /// <summary>There is no consumer that works.</summary>
    Consumer,

    /// <summary>The group does not take the consumer in.</summary>
    Group,

    /// <summary>A partition cannot be read.</summary>
    Partition,

    /// <summary>The function fails or does not end.</summary>
    Function,

    /// <summary>Offsets are not committed.</summary>
    Commit,
}
