using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>The lines that the spool logs.</summary>
internal static partial class SpoolLog
{
    [LoggerMessage(100, LogLevel.Error, "EVENT_SPOOL_PATH {Path} cannot be used, events are not spooled until it can: {Reason}")]
    public static partial void SpoolUnusable(this ILogger logger, string path, string reason);

    [LoggerMessage(101, LogLevel.Information, "The spool in {Path} can be written now.")]
    public static partial void SpoolUsable(this ILogger logger, string path);

    [LoggerMessage(102, LogLevel.Error, "The spool in EVENT_SPOOL_PATH {Path} could not be written ({Count} events were not spooled since this was last logged): {Reason}")]
    public static partial void SpoolNotWritten(this ILogger logger, string path, long count, string reason);

    [LoggerMessage(103, LogLevel.Information, "The spool in {Path} of a process that is gone was taken over.")]
    public static partial void FolderAdopted(this ILogger logger, string path);

    [LoggerMessage(104, LogLevel.Warning, "{Bytes} bytes of {Path} were torn by a crash or are damaged, and are skipped; {Records} other events of it are sent.")]
    public static partial void SegmentDamaged(this ILogger logger, long bytes, string path, long records);

    [LoggerMessage(105, LogLevel.Error, "{Path} is no spool file of this version; it is kept as {Aside}.")]
    public static partial void SegmentUnknown(this ILogger logger, string path, string aside);

    [LoggerMessage(106, LogLevel.Error, "The spooled events in {Path} cannot be read; they are left to the next start: {Reason}")]
    public static partial void SegmentUnreadable(this ILogger logger, string path, string reason);

    [LoggerMessage(107, LogLevel.Error, "{Path} was deleted by somebody else, with {Count} spooled events.")]
    public static partial void SegmentGone(this ILogger logger, string path, long count);

    [LoggerMessage(108, LogLevel.Warning, "{Path} cannot be deleted; its events will be sent again by the next start: {Reason}")]
    public static partial void SegmentNotDeleted(this ILogger logger, string path, string reason);

    [LoggerMessage(109, LogLevel.Error, "The spool failed by a mistake of the program and goes on.")]
    public static partial void SpoolMistake(this ILogger logger, Exception exception);

    [LoggerMessage(110, LogLevel.Warning, "The spool's writer did not end in time; what it had not written is lost.")]
    public static partial void WriterLeftBehind(this ILogger logger);

    [LoggerMessage(111, LogLevel.Error, "Kafka refused {Count} messages for good since this was last logged, the latest because: {Reason} They are kept in {Path}.")]
    public static partial void MessagesRejected(this ILogger logger, long count, string reason, string path);

    [LoggerMessage(112, LogLevel.Error, "The file {Path} of rejected messages is full; further ones are only counted.")]
    public static partial void RejectedFull(this ILogger logger, string path);

    [LoggerMessage(113, LogLevel.Error, "Rejected messages cannot be kept and are only counted: {Reason}")]
    public static partial void RejectedNotKept(this ILogger logger, string reason);
}
