using System.Globalization;
using Microsoft.Data.Sqlite;
using SimpleTime.Functions.Persistence.Sqlite.Guard;
using SQLitePCL;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>The place of the database file, and what is wrong with it in words for an operator.</summary>
internal static class DatabaseFile
{
    private const string Advice = "Point DB_PATH at a file in a folder that this process may write to.";

    /// <summary>Returns the full path, in a folder that exists: it is made when it is missing.</summary>
    /// <param name="path">The path as it was set.</param>
    /// <exception cref="EventStoreException">There cannot be a file.</exception>
    public static string Prepare(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new EventStoreException($"DB_PATH {Shown(path)}: a path cannot hold a NUL character. {Advice}");
        }

        var full = Path.GetFullPath(path);
        if (Directory.Exists(full) || Path.GetDirectoryName(full) is not { } folder || Path.EndsInDirectorySeparator(full))
        {
            throw new EventStoreException($"DB_PATH {Shown(path)}: it is a folder, not a file. {Advice}");
        }

        for (var ancestor = folder; ancestor is not null && !Directory.Exists(ancestor); ancestor = Path.GetDirectoryName(ancestor))
        {
            if (File.Exists(ancestor))
            {
                throw new EventStoreException($"DB_PATH {Shown(path)}: {Shown(ancestor)} is not a folder. {Advice}");
            }
        }

        Directory.CreateDirectory(folder);
        return full;
    }

    /// <summary>
    /// Waits until nobody writes to a file that took another's place: half a copy is no database, or one that is damaged by
    /// what is written to it.
    /// </summary>
    /// <param name="path">The full path.</param>
    /// <param name="shownPath">The path as it was set.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="EventStoreException">It is still written to after 5 s.</exception>
    public static async Task WaitUntilQuietAsync(string path, string shownPath, CancellationToken cancellationToken)
    {
        for (var second = 0; second < 5; second++)
        {
            var before = FileState.Of(path);
            if (before is null)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            if (FileState.Of(path) == before)
            {
                return;
            }
        }

        throw new EventStoreException($"DB_PATH {Shown(shownPath)}: another program is writing to it. It is opened when that is done.");
    }

    /// <summary>Returns the failure in words that name the setting and say what to do.</summary>
    /// <param name="path">The path as it was set.</param>
    /// <param name="exception">What was met.</param>
    public static EventStoreException Explain(string path, Exception exception) => exception switch
    {
        EventStoreException explained => explained,
        SqliteException sqlite => new EventStoreException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"DB_PATH {Shown(path)}: {Reason(sqlite)} (SQLite error {sqlite.SqliteExtendedErrorCode})"),
            sqlite),
        UnauthorizedAccessException => new EventStoreException(
            $"DB_PATH {Shown(path)}: its folder cannot be made for want of permission. {Advice}", exception),
        _ => new EventStoreException($"DB_PATH {Shown(path)}: {exception.Message}", exception),
    };

    private static string Reason(SqliteException exception) => exception.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
            "another process has had it locked for 5 s. Only one process may write to it; end the other one.",
        raw.SQLITE_PERM or raw.SQLITE_READONLY =>
            "it cannot be written. Check its permissions, and that its volume is not read-only.",
        // The index of the log is made longer by writing to it, and SQLite does not say why that failed.
        raw.SQLITE_IOERR when exception.SqliteExtendedErrorCode != raw.SQLITE_IOERR_SHMSIZE => "reading or writing it failed. Check its disk.",
        raw.SQLITE_IOERR or raw.SQLITE_FULL => "its disk is full. Make room.",
        raw.SQLITE_CANTOPEN => $"it cannot be opened. {Advice}",
        raw.SQLITE_CORRUPT => "it is damaged. Move it away or restore it from a backup.",
        raw.SQLITE_NOTADB => "it is not a SQLite database. Move it away, or point DB_PATH at another file.",
        _ => exception.Message,
    };

    /// <summary>Returns a path on one line, short enough that the rest of a sentence has room within the bound of a whole message.</summary>
    /// <param name="path">The path as it was set.</param>
    public static string Shown(string path) => SafeText.OneLine(path, 200);
}
