namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>What the messages of a file are.</summary>
internal enum OutboxFileKind
{
    /// <summary>Messages that left memory: the file is read when their turn comes.</summary>
    Backlog,

    /// <summary>Messages that are in memory still: the file is read only after this process died.</summary>
    Journal,

    /// <summary>Messages that Kafka refused for good.</summary>
    Refused,
}
