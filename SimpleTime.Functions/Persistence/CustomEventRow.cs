namespace SimpleTime.Functions.Persistence;

/// <summary>A row of <c>custom_events</c>.</summary>
/// <param name="EventId">The event's id.</param>
/// <param name="Timestamp">The event's own time.</param>
/// <param name="EventType">What the event is called.</param>
/// <param name="Data">Its data as JSON text; <c>{}</c> when it left it out.</param>
public sealed record CustomEventRow(string EventId, string Timestamp, string EventType, string Data)
    : StoredRecord(EventId, Timestamp)
{
    internal static StoreTable Schema { get; } = new(
        "custom_events",
        ("event_type", ColumnType.Text),
        ("data", ColumnType.Text),
        ("timestamp", ColumnType.Time),
        ("event_id", ColumnType.Text));

    internal override StoreTable Table => Schema;

    internal override void WriteTo(IColumnWriter columns)
    {
        columns.Write(EventType);
        columns.Write(Data);
        columns.Write(Timestamp);
        columns.Write(EventId);
    }
}
