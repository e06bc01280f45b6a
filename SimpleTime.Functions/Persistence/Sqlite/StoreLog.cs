using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>The log lines of the store. Safe for use by several threads.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(301, LogLevel.Information, "Created the tables in {Path}.")]
    public static partial void FileWasCreated(ILogger logger, string path);

    [LoggerMessage(302, LogLevel.Information, "Upgraded the tables in {Path} to version {Version}.")]
    public static partial void FileWasUpgraded(ILogger logger, string path, long version);

    [LoggerMessage(303, LogLevel.Warning, "The file at {Path} was moved, removed or replaced; opening what is there now.")]
    public static partial void FileWasReplaced(ILogger logger, string path);

    [LoggerMessage(304, LogLevel.Warning, "The write-ahead log of {Path} was not taken into the file: {Reason}")]
    public static partial void CheckpointFailed(ILogger logger, string path, string reason);

    [LoggerMessage(305, LogLevel.Warning, "The file at {Path} was overwritten by another program; opening what is there now.")]
    public static partial void FileWasOverwritten(ILogger logger, string path);

    [LoggerMessage(306, LogLevel.Warning, "The files of the write-ahead log of {Path} were removed, replaced or cut; opening it anew.")]
    public static partial void LogWasRemoved(ILogger logger, string path);

    [LoggerMessage(307, LogLevel.Warning, "Removed a write-ahead log beside {Path} that is not of this file, which was replaced without it.")]
    public static partial void StaleLogWasRemoved(ILogger logger, string path);

    [LoggerMessage(308, LogLevel.Warning, "Another process persists to {Path}; both stay correct, but they wait for each other's locks. Run one.")]
    public static partial void AnotherPersists(ILogger logger, string path);

    [LoggerMessage(310, LogLevel.Warning, "The files of {Path} could not be looked after, which goes on: {Reason}")]
    public static partial void WatchFailed(ILogger logger, string path, string reason);

    [LoggerMessage(309, LogLevel.Information, "The other process no longer persists to {Path}.")]
    public static partial void PersistsAlone(ILogger logger, string path);

    [LoggerMessage(312, LogLevel.Warning, "The write-ahead log of {Path} has {Megabytes} MiB: somebody has been reading the file in one transaction, so that it cannot be begun anew. Events are stored all the same, as long as the disk has room; end that reader.")]
    public static partial void LogIsLarge(ILogger logger, string path, long megabytes);

    [LoggerMessage(311, LogLevel.Information, "The write-ahead log of {Path} has {Megabytes} MiB again.")]
    public static partial void LogIsSmall(ILogger logger, string path, long megabytes);
}
