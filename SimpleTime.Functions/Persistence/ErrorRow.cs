namespace SimpleTime.Functions.Persistence;

/// <summary>A row of <c>errors</c>. What the event left out is null.</summary>
/// <param name="EventId">The event's id.</param>
/// <param name="Timestamp">The event's own time.</param>
/// <param name="ErrorMessage">What went wrong.</param>
/// <param name="ErrorType">The type of the exception.</param>
/// <param name="Endpoint">The path of the request.</param>
public sealed record ErrorRow(string EventId, string Timestamp, string? ErrorMessage, string? ErrorType, string? Endpoint)
    : StoredRecord(EventId, Timestamp)
{
    internal static StoreTable Schema { get; } = new(
        "errors",
        ("error_message", ColumnType.Text),
        ("error_type", ColumnType.Text),
        ("endpoint", ColumnType.Text),
        ("timestamp", ColumnType.Time),
        ("event_id", ColumnType.Text));

    internal override StoreTable Table => Schema;

    internal override void WriteTo(IColumnWriter columns)
    {
        columns.Write(ErrorMessage);
        columns.Write(ErrorType);
        columns.Write(Endpoint);
        columns.Write(Timestamp);
        columns.Write(EventId);
    }
}
