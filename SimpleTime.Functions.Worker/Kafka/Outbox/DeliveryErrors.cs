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
