using Microsoft.Data.Sqlite;

namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>A prepared insert into one table. Used by one thread at a time.</summary>
internal sealed class SqliteInsert : IDisposable
{
    private readonly SqliteCommand _command;
    private readonly SqliteParameter[] _parameters;

    public SqliteInsert(SqliteConnection connection, SqliteTable table, params ReadOnlySpan<string> columns)
    {
        _parameters = new SqliteParameter[columns.Length];
        _command = connection.CreateCommand();
        _command.CommandText = table.InsertStatement(columns);
        for (var i = 0; i < columns.Length; i++)
        {
            _parameters[i] = _command.Parameters.AddWithValue($"${i}", DBNull.Value);
        }

        _command.Prepare();
    }

    /// <summary>Inserts a row in the transaction.</summary>
    /// <returns>False when a row with its id is there already.</returns>
    public bool Run(SqliteTransaction transaction, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            _parameters[i].Value = values[i] ?? DBNull.Value;
        }

        _command.Transaction = transaction;
        return _command.ExecuteNonQuery() > 0;
    }

    public void Dispose() => _command.Dispose();
}
