namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>What stands at a place in a segment.</summary>
internal enum RecordStatus
{
    /// <summary>A whole record whose checksum is right.</summary>
    Valid,

    /// <summary>The bytes end before the record does.</summary>
    Incomplete,

    /// <summary>A record of a possible length whose checksum is wrong.</summary>
    Damaged,

    /// <summary>The length is impossible, so that nothing is known of what follows.</summary>
    Unreadable,
}
