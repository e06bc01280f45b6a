using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SimpleTime.Functions.Persistence.Sqlite.Guard;

/// <summary>What SQLite's C interface has and its driver has not. The numbers are those of sqlite3.h.</summary>
internal static unsafe partial class SqliteNative
{
    private const int FcntlFilePointer = 7;
    private const int FcntlHasMoved = 20;
    private const int NoCheckpointOnClose = 1006;

    /// <summary>Returns the full path of the open file, links resolved: its log lies beside that.</summary>
    /// <param name="connection">An open connection.</param>
    public static string FileName(SqliteConnection connection) => raw.sqlite3_db_filename(connection.Handle, "main").utf8_to_string();

    /// <summary>Returns whether the file at the path is no longer the open one.</summary>
    /// <param name="connection">An open connection.</param>
    public static bool HasMoved(SqliteConnection connection)
    {
        var hasMoved = 0;
        return FileControl(Database(connection), "main", FcntlHasMoved, &hasMoved) != raw.SQLITE_OK || hasMoved != 0;
    }

    /// <summary>Sets whether the write-ahead log is left alone when the connection is closed.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="keep">Whether it is.</param>
    public static void KeepLogOnClose(SqliteConnection connection, bool keep = true) =>
        raw.sqlite3_db_config(connection.Handle, NoCheckpointOnClose, keep ? 1 : 0, out _);

    /// <summary>
    /// Reads the header of the file itself, past SQLite's cache and its write-ahead log, with SQLite's own handle: see
    /// <see cref="FileState"/> for why. What the file is too short for is 0.
    /// </summary>
    /// <param name="connection">An open connection; the log need not be open yet.</param>
    public static DatabaseHeader ReadHeader(SqliteConnection connection)
    {
        Span<byte> bytes = stackalloc byte[DatabaseHeader.Length];
        bytes.Clear();
        SqliteFile* file = null;
        if (FileControl(Database(connection), "main", FcntlFilePointer, &file) == raw.SQLITE_OK && file is not null && file->Methods is not null)
        {
            fixed (byte* buffer = bytes)
            {
                // It fills what it cannot read with zeros, and a header of zeros is none.
                _ = file->Methods->Read(file, buffer, bytes.Length, 0);
            }
        }

        return new DatabaseHeader(bytes);
    }

    private static nint Database(SqliteConnection connection) => connection.Handle!.DangerousGetHandle();

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(nint database, string schema, int operation, void* argument);

    [StructLayout(LayoutKind.Sequential)]
    private struct SqliteFile
    {
        public SqliteMethods* Methods;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct SqliteMethods
    {
        public int Version;
        public void* Close;
        public delegate* unmanaged<SqliteFile*, byte*, int, long, int> Read;
    }
}
