using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>The lines that the outbox logs of its files.</summary>
internal static partial class OutboxLog
{
    private const int ShownLength = 512;

    /// <summary>Returns a path or a reason as a line shows it: at most 512 characters, no control characters.</summary>
    public static string Shown(string text) => SafeText.OneLine(text, ShownLength);

    [LoggerMessage(63, LogLevel.Information, "{Count} files that a process left in {Path} are sent.")]
    public static partial void FolderFound(this ILogger logger, int count, string path);

    [LoggerMessage(64, LogLevel.Error, "What a process left in {Path} cannot be read, and is tried again: {Reason}")]
    public static partial void FolderUnreadable(this ILogger logger, string path, string reason);

    [LoggerMessage(65, LogLevel.Warning, "{Path} cannot be deleted or renamed, and is tried again; its messages are sent twice if this process ends before: {Reason}")]
    public static partial void FileNotRemoved(this ILogger logger, string path, string reason);

    [LoggerMessage(66, LogLevel.Error, "{Path} is damaged: {Missing} messages of it are missing. It is kept as {Aside}.")]
    public static partial void FileDamaged(this ILogger logger, string path, long missing, string aside);

    [LoggerMessage(67, LogLevel.Error, "{Path} is of another version, and left alone.")]
    public static partial void FileUnknown(this ILogger logger, string path);

    [LoggerMessage(68, LogLevel.Error, "{Path} was deleted or renamed by somebody else.")]
    public static partial void FileGone(this ILogger logger, string path);

    [LoggerMessage(69, LogLevel.Warning, "Files of the outbox were deleted or renamed by somebody else: {Count} were carried over to {Path}.")]
    public static partial void FilesCarriedOver(this ILogger logger, int count, string path);

    [LoggerMessage(72, LogLevel.Error, "Files of the outbox were deleted or renamed by somebody else, and cannot be carried over yet: {Reason}")]
    public static partial void FilesNotCarriedOver(this ILogger logger, string reason);
}
