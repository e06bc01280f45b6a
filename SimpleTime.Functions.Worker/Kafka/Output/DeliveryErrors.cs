using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>Tells errors that a later attempt may overcome from those that none will.</summary>
internal static class DeliveryErrors
{
    /// <summary>Whether the message itself is refused, whenever it is sent. What is not known counts as passing: events are kept.</summary>
    public static bool IsPermanent(Error error) => error.Code is
        ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidMsgSize or ErrorCode.RecordListTooLarge or ErrorCode.InvalidRecord
        or ErrorCode.InvalidTimestamp or ErrorCode.TopicException or ErrorCode.PolicyViolation
        or ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.UnsupportedForMessageFormat;
}
