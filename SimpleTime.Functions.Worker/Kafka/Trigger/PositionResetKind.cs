namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Names why a partition gets another position.</summary>
internal enum PositionResetKind
{
    /// <summary>It keeps the position it had.</summary>
    None,

    /// <summary>The group has committed nothing of it: it starts as <c>autoOffsetReset</c> says.</summary>
    Start,

    /// <summary>Kafka has removed the records that come next: it goes on at the first that is left.</summary>
    Missed,

    /// <summary>A batch that cannot be decoded is skipped.</summary>
    Undecodable,

    /// <summary>Its offset is beyond the end, so it is another topic's or was set by somebody: it is read from the beginning.</summary>
    BeyondTheEnd,

    /// <summary>Its topic was deleted and made anew: it is read from the beginning.</summary>
    NewTopic,
}
