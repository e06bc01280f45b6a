namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>The statements that create a table and insert into it.</summary>
internal static class SqliteStatements
{
    public static string Create(StoreTable table) =>
        $"CREATE TABLE {table.Name} (id INTEGER PRIMARY KEY AUTOINCREMENT, {string.Join(", ", table.Columns.Select(column => Definition(column)))})";

    public static string CreateIndex(StoreTable table) => $"CREATE UNIQUE INDEX IF NOT EXISTS {table.Name}_event_id ON {table.Name} (event_id)";

    // SQLite cannot add a column whose default is not constant; every insert writes the timestamp anyway.
    public static string AddColumn(StoreTable table, (string Name, ColumnType Type) column) =>
        $"ALTER TABLE {table.Name} ADD COLUMN {Definition(column, hasDefault: false)}";

    /// <summary>
    /// Returns an insert of all columns, as the parameters <c>$0</c>, <c>$1</c> and so on, which leaves a record out whose id is there
    /// already, and fails for anything else.
    /// </summary>
    public static string Insert(StoreTable table)
    {
        var columns = string.Join(", ", table.Columns.Select(column => Quoted(column.Name)));
        var values = string.Join(", ", Enumerable.Range(0, table.Columns.Count).Select(index => $"${index}"));
        return $"INSERT INTO {table.Name} ({columns}) VALUES ({values}) ON CONFLICT(event_id) DO NOTHING";
    }

    private static string Definition((string Name, ColumnType Type) column, bool hasDefault = true) => Quoted(column.Name) + ' ' + column.Type switch
    {
        ColumnType.Integer => "INTEGER",
        ColumnType.Real => "REAL",
        ColumnType.Bytes => "BLOB",
        ColumnType.Time when column.Name == "timestamp" && hasDefault => "DATETIME DEFAULT CURRENT_TIMESTAMP",
        ColumnType.Time => "DATETIME",
        _ => "TEXT",
    };

    // The one name of a column that is a word of SQL.
    private static string Quoted(string column) => column == "offset" ? "\"offset\"" : column;
}
