namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>Where an accepted message is.</summary>
internal enum OutboxMessageState
{
    /// <summary>No client has it.</summary>
    Waiting,

    /// <summary>A client has it, and Kafka has not acknowledged it.</summary>
    Sending,

    /// <summary>It is in memory no more: Kafka acknowledged it, a backlog file or that of refused messages has it, or it was dropped.</summary>
    Done,
}
