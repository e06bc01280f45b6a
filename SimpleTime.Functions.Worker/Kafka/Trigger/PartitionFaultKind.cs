namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Names what can be wrong with a partition.</summary>
internal enum PartitionFaultKind
{
    /// <summary>It has no position that Kafka accepts.</summary>
    NoPosition,

    /// <summary>Its topic was deleted and made anew: what was read of it is void.</summary>
    NewTopic,

    /// <summary>Kafka refuses to have it read.</summary>
    Refused,

    /// <summary>The batch at its position cannot be decoded.</summary>
    Undecodable,

    /// <summary>The batch at its position has a format or a compression that the client does not know.</summary>
    Unsupported,
}
