namespace SimpleTime.Functions.Persistence;

/// <summary>A row of <c>http_requests</c>. What the event left out is null.</summary>
/// <param name="EventId">The event's id.</param>
/// <param name="Timestamp">The event's own time.</param>
/// <param name="UserIp">The caller's address.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Endpoint">The path.</param>
/// <param name="Hostname">The host that answered.</param>
/// <param name="Os">Its operating system.</param>
public sealed record HttpRequestRow(
    string EventId, string Timestamp, string? UserIp, string? Method, string? Endpoint, string? Hostname, string? Os)
    : StoredRecord(EventId, Timestamp)
{
    internal static StoreTable Schema { get; } = new(
        "http_requests",
        ("user_ip", ColumnType.Text),
        ("method", ColumnType.Text),
        ("endpoint", ColumnType.Text),
        ("hostname", ColumnType.Text),
        ("os", ColumnType.Text),
        ("timestamp", ColumnType.Time),
        ("event_id", ColumnType.Text));

    internal override StoreTable Table => Schema;

    internal override void WriteTo(IColumnWriter columns)
    {
        columns.Write(UserIp);
        columns.Write(Method);
        columns.Write(Endpoint);
        columns.Write(Hostname);
        columns.Write(Os);
        columns.Write(Timestamp);
        columns.Write(EventId);
    }
}
