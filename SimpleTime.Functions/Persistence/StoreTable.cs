namespace SimpleTime.Functions.Persistence;

/// <summary>A table of the record, whichever store keeps it. Immutable.</summary>
/// <param name="name">The table's name.</param>
/// <param name="columns">Its columns but for the id, in their order.</param>
internal sealed class StoreTable(string name, params (string Name, ColumnType Type)[] columns)
{
    /// <summary>Gets all tables.</summary>
    public static IReadOnlyList<StoreTable> All { get; } =
        [HttpRequestRow.Schema, HttpResponseRow.Schema, ErrorRow.Schema, CustomEventRow.Schema, DeadLetter.Schema];

    /// <summary>Gets the table's name.</summary>
    public string Name => name;

    /// <summary>Gets the columns but for the id, in the order in which a row writes its values.</summary>
    public IReadOnlyList<(string Name, ColumnType Type)> Columns => columns;
}
