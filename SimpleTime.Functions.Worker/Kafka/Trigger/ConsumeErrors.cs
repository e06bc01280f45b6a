using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Says what an error of a consumer means. Safe for use by several threads.</summary>
internal static class ConsumeErrors
{
    /// <summary>Returns whether it passes by itself; the status tells of it while it lasts.</summary>
    public static bool IsConnection(ErrorCode code) => code is ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Resolve
        or ErrorCode.Local_TimedOut or ErrorCode.Local_WaitCoord or ErrorCode.NotLeaderForPartition or ErrorCode.LeaderNotAvailable;

    /// <summary>Returns whether it is that of a batch which is damaged.</summary>
    public static bool IsUndecodable(ErrorCode code) => code is ErrorCode.Local_BadMsg or ErrorCode.Local_BadCompression or ErrorCode.Local_Partial
        or ErrorCode.Local_Underflow or ErrorCode.InvalidMsg;

    /// <summary>Returns whether it is that of a batch in a format that the client does not know.</summary>
    public static bool IsUnsupported(ErrorCode code) =>
        code is ErrorCode.Local_NotImplemented or ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedCompressionType;
}
