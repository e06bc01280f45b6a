namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>What the failure of a delivery says.</summary>
internal enum DeliveryFailure
{
    /// <summary>The message can be sent again at once: a time-out, a lost client, a broker that is busy with itself.</summary>
    Passing,

    /// <summary>The batch is too large; a message that is so alone is refused for good.</summary>
    TooLarge,

    /// <summary>The topic takes nothing from this client: it is not allowed, or unknown.</summary>
    Destination,

    /// <summary>A record of the batch, whichever, is not taken.</summary>
    Record,
}
