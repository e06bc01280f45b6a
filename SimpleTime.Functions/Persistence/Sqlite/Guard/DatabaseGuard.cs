using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SimpleTime.Functions.Persistence.Sqlite.Guard;

/// <summary>Tells what others do to the files of an open database. Used by one thread at a time.</summary>
/// <remarks>
/// <para>
/// In WAL mode SQLite notices nothing of it: a commit goes to the log it has open, whatever has become of the file. Three
/// facts make a sound check of it. A commit of this service never writes the file itself, since it checkpoints on its own
/// and looks again after that; so as long as the file's device, inode, size and times stand still, the log belongs to it.
/// If they change, either another process checkpointed, and then the header it wrote is in the log that it took it
/// from; or somebody touched the file, and the header is the old one; or it was overwritten. While the write lock is held
/// nobody can begin the log anew, so what is compared holds still. And a log is not carried from one file to another by
/// accident: see <see cref="DatabaseHeader"/>.
/// </para>
/// <para>
/// What remains is a file that is overwritten within the milliseconds of a checkpoint: two programs that write one file at
/// the same time leave a mixture, which no check can take apart.
/// </para>
/// </remarks>
internal sealed class DatabaseGuard : IDisposable
{
    // A clock tick of the kernel is 10 ms at the most: two changes within one leave the same times behind.
    private static readonly TimeSpan _clockTick = TimeSpan.FromMilliseconds(20);

    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly string _indexPath;
    private readonly FileState _index;
    private readonly WriteAheadLog _log;
    private FileState _file;
    private DatabaseHeader _header;
    private bool _isYoung;

    /// <summary>Remembers the files as they are.</summary>
    /// <param name="connection">A connection that has read the database.</param>
    /// <param name="path">The path of the file as it was set, links unresolved.</param>
    /// <exception cref="IOException">The files are gone already.</exception>
    public DatabaseGuard(SqliteConnection connection, string path)
    {
        _connection = connection;
        _path = path;
        var resolved = SqliteNative.FileName(connection);
        _indexPath = resolved + "-shm";
        var file = FileState.Of(path);
        var index = FileState.Of(_indexPath);
        if (file is null || index is null || WriteAheadLog.Open(resolved + "-wal") is not { } log)
        {
            throw new IOException("its files were removed while it was opened.");
        }

        _log = log;
        _index = index.Value;
        _header = SqliteNative.ReadHeader(connection);
        Remember(file.Value, _header);
    }

    /// <summary>Returns whether the log that lies beside a file continues something else, so that SQLite would damage the file with it.</summary>
    /// <param name="connection">A connection that has read nothing yet, or one that holds the write lock.</param>
    /// <param name="log">The log.</param>
    public static bool IsStale(SqliteConnection connection, WriteAheadLog log)
    {
        var headers = log.Headers();
        var header = SqliteNative.ReadHeader(connection);

        // A log without a header is of somebody else's transactions, and not known to be stale.
        return headers.Count > 0 && !headers.Contains(header) && !header.CanPrecede(headers[0]);
    }

    /// <summary>Returns what has become of the files.</summary>
    /// <exception cref="SqliteException">It cannot be told now, for instance because others hold the write lock.</exception>
    public FileChange Check()
    {
        if (FileState.Of(_path) is not { } file || !_file.IsSameFile(file) || SqliteNative.HasMoved(_connection))
        {
            return FileChange.Moved;
        }

        if ((file != _file || _isYoung) && CheckContent(file) is not FileChange.None and var change)
        {
            return change;
        }

        if (!_log.IsInPlace)
        {
            return FileChange.LogLost;
        }

        return _log.IsSound() && FileState.Of(_indexPath) is { } index && _index.IsSameFile(index) && index.Size >= _index.Size
            ? FileChange.None
            : FileChange.IndexLost;
    }

    /// <summary>Returns whether the log can be taken into the open file, wherever that is now.</summary>
    public bool LogContinuesFile()
    {
        var header = SqliteNative.ReadHeader(_connection);
        return header.Equals(_header) || IsExplained(header, _log.Headers());
    }

    /// <summary>Gets whether no other log has taken the place of this one.</summary>
    public bool IsLogPlaceFree => _log.IsInPlace || _log.IsPlaceFree;

    /// <summary>Removes the log and its index from their places: SQLite would take them for those of the file that is there now.</summary>
    public void RemoveLog()
    {
        _log.Remove();
        if (_index.IsSameFile(FileState.Of(_indexPath)))
        {
            File.Delete(_indexPath);
        }
    }

    public void Dispose() => _log.Dispose();

    private FileChange CheckContent(FileState file)
    {
        var header = SqliteNative.ReadHeader(_connection);
        if (header.Equals(_header) && file.Size >= _file.Size)
        {
            Remember(file, header);
            return FileChange.None;
        }

        using var frozen = Freeze();
        file = FileState.Of(_path) ?? file;
        header = SqliteNative.ReadHeader(_connection);
        var headers = _log.Headers();
        var isCut = header.Equals(_header) && file.Size < _file.Size;
        if (!isCut && IsExplained(header, headers))
        {
            Remember(file, header);
            return FileChange.None;
        }

        return headers.Count == 0 ? FileChange.Unexplained : FileChange.Overwritten;
    }

    private bool IsExplained(DatabaseHeader header, List<DatabaseHeader> headers)
    {
        // Never backwards: a log whose transactions are all in the file is not read again.
        var known = headers.IndexOf(_header);
        var current = headers.LastIndexOf(header);
        return current >= 0
            ? current >= known
            : known < 0 && headers.Count > 0 && !header.Equals(_header) && header.CanPrecede(headers[0]);
    }

    private void Remember(FileState file, DatabaseHeader header)
    {
        _file = file;
        _header = header;
        _isYoung = DateTime.UtcNow - DateTime.UnixEpoch.AddTicks(file.Changed / 100) < _clockTick;
    }

    private SqliteTransaction? Freeze()
    {
        try
        {
            return _connection.BeginTransaction(deferred: false);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            // Nobody else can write to it either.
            return null;
        }
    }
}
