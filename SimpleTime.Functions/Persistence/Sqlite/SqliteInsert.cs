using Microsoft.Data.Sqlite;

namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>A prepared insert into one table. Used by one thread at a time.</summary>
internal sealed class SqliteInsert : IColumnWriter, IDisposable
{
    private readonly SqliteCommand _command;
    private readonly SqliteParameter[] _parameters;
    private int _written;

    public SqliteInsert(SqliteConnection connection, StoreTable table)
    {
        _parameters = new SqliteParameter[table.Columns.Count];
        _command = connection.CreateCommand();
        _command.CommandText = SqliteStatements.Insert(table);
        for (var i = 0; i < _parameters.Length; i++)
        {
            _parameters[i] = _command.Parameters.AddWithValue($"${i}", DBNull.Value);
        }

        _command.Prepare();
    }

    /// <summary>Inserts a record in the transaction.</summary>
    /// <returns>False when one with its id is there already.</returns>
    public bool Run(SqliteTransaction transaction, StoredRecord record)
    {
        _written = 0;
        record.WriteTo(this);
        _command.Transaction = transaction;
        return _command.ExecuteNonQuery() > 0;
    }

    public void Write(string? value) => Set(value);

    public void Write(long? value) => Set(value);

    public void Write(double? value) => Set(value);

    public void Write(ReadOnlyMemory<byte>? value) => Set(value?.ToArray());

    public void Dispose() => _command.Dispose();

    private void Set(object? value) => _parameters[_written++].Value = value ?? DBNull.Value;
}
