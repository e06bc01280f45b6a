using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>Tells what the failure of a delivery says.</summary>
internal static class DeliveryErrors
{
    /// <summary>Returns what an error says. One that is not known counts as the record's: it is tried alone, and kept.</summary>
    public static DeliveryFailure Classify(Error error) => error.Code switch
    {
        ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidMsgSize or ErrorCode.RecordListTooLarge => DeliveryFailure.TooLarge,
        ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed
            or ErrorCode.UnknownTopicOrPart or ErrorCode.TopicException or ErrorCode.Local_UnknownTopic => DeliveryFailure.Destination,
        ErrorCode.Local_InvalidDifferentRecord => DeliveryFailure.Record,
        < ErrorCode.Unknown => DeliveryFailure.Passing,
        ErrorCode.LeaderNotAvailable or ErrorCode.NotLeaderForPartition or ErrorCode.RequestTimedOut or ErrorCode.BrokerNotAvailable
            or ErrorCode.ReplicaNotAvailable or ErrorCode.NetworkException or ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend
            or ErrorCode.KafkaStorageError or ErrorCode.OutOfOrderSequenceNumber or ErrorCode.DuplicateSequenceNumber or ErrorCode.UnknownProducerId
            or ErrorCode.InvalidProducerEpoch or ErrorCode.FencedLeaderEpoch or ErrorCode.UnknownLeaderEpoch or ErrorCode.SaslAuthenticationFailed
            or ErrorCode.ThrottlingQuotaExceeded or ErrorCode.InvalidMsg => DeliveryFailure.Passing,
        _ => DeliveryFailure.Record,
    };
}

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
