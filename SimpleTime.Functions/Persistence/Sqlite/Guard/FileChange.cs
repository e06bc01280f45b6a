namespace SimpleTime.Functions.Persistence.Sqlite.Guard;

/// <summary>What somebody else did to an open database's files.</summary>
internal enum FileChange
{
    /// <summary>Nothing but what SQLite does.</summary>
    None = 0,

    /// <summary>The file was renamed, removed, or another took its place.</summary>
    Moved = 1,

    /// <summary>The file has other content; its write-ahead log continues the old one.</summary>
    Overwritten = 2,

    /// <summary>The file has changed, and no write-ahead log tells how.</summary>
    Unexplained = 3,

    /// <summary>The write-ahead log was removed or replaced; the file is as it was.</summary>
    LogLost = 4,

    /// <summary>The log was cut or the index of it (<c>-shm</c>) was removed, replaced or cut.</summary>
    IndexLost = 5,
}
