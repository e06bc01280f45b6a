namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>
/// Tells processes that persist to one file of each other: whoever holds <c>DB_PATH.lock</c> is the first. It keeps nobody from
/// writing, which SQLite's own locks put in order. The system frees it with the process, however that ends; the file
/// stays, since removing it would let two hold it. Used by one thread at a time.
/// </summary>
internal sealed class PersisterLock : IDisposable
{
    // flock(2) on Linux and macOS, and ERROR_SHARING_VIOLATION.
    private static readonly int[] _heldByOther = [11, 35, unchecked((int)0x80070020)];

    private FileStream? _file;

    /// <summary>Takes the lock if it is free.</summary>
    /// <param name="path">The full path of the database file.</param>
    /// <returns>False when another process holds it; true when it is held, or cannot be had for any other reason.</returns>
    public bool TryTake(string path)
    {
        try
        {
            _file ??= new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            return true;
        }
        catch (IOException exception)
        {
            return Array.IndexOf(_heldByOther, exception.HResult) < 0;
        }
        catch (UnauthorizedAccessException)
        {
            // Where it cannot be made the database cannot either, and that says so.
            return true;
        }
    }

    public void Dispose() => _file?.Dispose();
}
