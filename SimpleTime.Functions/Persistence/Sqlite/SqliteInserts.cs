using Microsoft.Data.Sqlite;

namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>The inserts of one connection. Used by one thread at a time.</summary>
internal sealed class SqliteInserts(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<StoreTable, SqliteInsert> _inserts = StoreTable.All.ToDictionary(
        table => table, table => new SqliteInsert(connection, table));

    /// <summary>Inserts the records, and counts what became of them.</summary>
    public PersistSummary Run(SqliteTransaction transaction, IReadOnlyList<StoredRecord> batch)
    {
        var summary = default(PersistSummary);
        foreach (var record in batch)
        {
            var isNew = _inserts[record.Table].Run(transaction, record);
            StoreSpan.Tell(record, isNew);
            summary = summary.With(record, isNew);
        }

        return summary;
    }

    public void Dispose()
    {
        foreach (var insert in _inserts.Values)
        {
            insert.Dispose();
        }
    }
}
