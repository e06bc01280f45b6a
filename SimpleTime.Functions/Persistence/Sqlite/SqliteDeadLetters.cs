using System.Globalization;
using Microsoft.Data.Sqlite;

namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>
/// Reads the dead letters of the file at <c>DB_PATH</c>, which a running service may have open, and marks those that were
/// replayed. Used by one thread at a time.
/// </summary>
internal sealed class SqliteDeadLetters : IDisposable
{
    private const string Columns =
        """id, event_id, timestamp, topic, partition, "offset", key, payload, payload_bytes, reason, replayed_at""";

    private readonly SqliteConnection _connection;
    private readonly string _path;

    private SqliteDeadLetters(SqliteConnection connection, string path)
    {
        _connection = connection;
        _path = path;
    }

    /// <summary>Opens the file.</summary>
    /// <param name="path">The path as it was set.</param>
    /// <exception cref="EventStoreException">There is no such file, or it has no dead letters of this version.</exception>
    public static SqliteDeadLetters Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new EventStoreException($"DB_PATH {DatabaseFile.Shown(path)}: there is no such file.");
        }

        SqliteConnection? connection = null;
        try
        {
            connection = SqliteSession.Connect(Path.GetFullPath(path), SqliteOpenMode.ReadWrite, out _);
            var letters = new SqliteDeadLetters(connection, path);
            return letters.Scalar("PRAGMA user_version") is SqliteSchema.Version
                ? letters
                : throw new EventStoreException(
                    $"DB_PATH {DatabaseFile.Shown(path)}: it has no dead letters of this version. Has the service written to it?");
        }
        catch (Exception exception)
        {
            connection?.Dispose();
            throw DatabaseFile.Explain(path, exception);
        }
    }

    /// <summary>Returns the largest id; 0 when there are none.</summary>
    /// <exception cref="EventStoreException">The file cannot be read.</exception>
    public long LastId() => Guard(() => (long)Scalar("SELECT coalesce(max(id), 0) FROM dead_letters")!);

    /// <summary>Returns how many were replayed already.</summary>
    /// <exception cref="EventStoreException">The file cannot be read.</exception>
    public long CountReplayed() => Guard(() => (long)Scalar("SELECT count(*) FROM dead_letters WHERE replayed_at IS NOT NULL")!);

    /// <summary>Returns how many were not replayed.</summary>
    /// <param name="last">The last id to count.</param>
    /// <exception cref="EventStoreException">The file cannot be read.</exception>
    public long CountNotReplayed(long last) =>
        Guard(() => (long)Scalar("SELECT count(*) FROM dead_letters WHERE id <= $0 AND replayed_at IS NULL", last)!);

    /// <summary>Returns the letter with an id; null when there is none.</summary>
    /// <param name="id">The id.</param>
    /// <exception cref="EventStoreException">The file cannot be read.</exception>
    public StoredDeadLetter? Find(long id) => Guard(() => Read($"SELECT {Columns} FROM dead_letters WHERE id = $0", id).FirstOrDefault());

    /// <summary>Letters that were not replayed, in the order of their ids.</summary>
    /// <param name="after">The id to begin after.</param>
    /// <param name="last">The last id to take.</param>
    /// <param name="limit">The most letters to take.</param>
    /// <exception cref="EventStoreException">The file cannot be read.</exception>
    public IReadOnlyList<StoredDeadLetter> NotReplayed(long after, long last, int limit) => Guard(() => Read(
        $"SELECT {Columns} FROM dead_letters WHERE id > $0 AND id <= $1 AND replayed_at IS NULL ORDER BY id LIMIT $2", after, last, limit));

    /// <summary>Marks letters as replayed, all or none.</summary>
    /// <param name="ids">Their ids.</param>
    /// <param name="time">When they were, in the format of events.</param>
    /// <exception cref="EventStoreException">The file cannot be written.</exception>
    public void MarkReplayed(IReadOnlyList<long> ids, string time) => Guard(() =>
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        using var command = Command("UPDATE dead_letters SET replayed_at = $0 WHERE id = $1", time, 0L);
        foreach (var id in ids)
        {
            command.Parameters[1].Value = id;
            command.ExecuteNonQuery();
        }

        transaction.Commit();
        return ids.Count;
    });

    public void Dispose() => _connection.Dispose();

    private List<StoredDeadLetter> Read(string query, params ReadOnlySpan<object> values)
    {
        using var command = Command(query, values);
        using var reader = command.ExecuteReader();
        List<StoredDeadLetter> letters = [];
        while (reader.Read())
        {
            letters.Add(new StoredDeadLetter(
                reader.GetInt64(0),
                Text(reader, 1) ?? string.Create(CultureInfo.InvariantCulture, $"dead_letters-{reader.GetInt64(0)}"),
                Text(reader, 2) ?? "",
                Text(reader, 3) ?? "",
                reader.IsDBNull(4) ? -1 : reader.GetInt64(4),
                reader.IsDBNull(5) ? -1 : reader.GetInt64(5),
                Bytes(reader, 6),
                Bytes(reader, 7),
                reader.IsDBNull(8) ? 0 : reader.GetInt64(8),
                Text(reader, 9) ?? "",
                Text(reader, 10)));
        }

        return letters;
    }

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static byte[]? Bytes(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);

    private object? Scalar(string query, params ReadOnlySpan<object> values)
    {
        using var command = Command(query, values);
        return command.ExecuteScalar();
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<object> values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"${i}"), values[i]);
        }

        return command;
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException exception)
        {
            throw DatabaseFile.Explain(_path, exception);
        }
    }
}
