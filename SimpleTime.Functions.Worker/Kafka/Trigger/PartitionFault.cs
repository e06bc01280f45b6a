namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Says why a partition cannot be read. Immutable.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Reason">The same in words; null while it is not worth telling.</param>
/// <param name="Since">Since when it is wrong, as a timestamp of the time provider.</param>
/// <param name="LastTry">When reading was last tried.</param>
/// <param name="Delay">How long after that it is tried again.</param>
/// <param name="IsWaiting">Whether nothing is read of it until then.</param>
internal sealed record PartitionFault(PartitionFaultKind Kind, string? Reason, long Since, long LastTry, TimeSpan Delay, bool IsWaiting);

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
