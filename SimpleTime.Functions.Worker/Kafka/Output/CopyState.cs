namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>What became of the message that a spool entry is a copy of.</summary>
internal enum CopyState
{
    /// <summary>It is no copy, or its client gave it up: the entry is to be sent.</summary>
    None,

    /// <summary>The client still has it: the entry waits.</summary>
    Pending,

    /// <summary>Kafka has it: the entry is done.</summary>
    Acknowledged,
}
