namespace SimpleTime.Functions.Persistence;

/// <summary>A row of <c>http_responses</c>. What the event left out is null.</summary>
/// <param name="EventId">The event's id.</param>
/// <param name="Timestamp">The event's own time.</param>
/// <param name="UserIp">The caller's address.</param>
/// <param name="StatusCode">The status code of the answer.</param>
/// <param name="ResponseTimeMs">How long it took, in milliseconds.</param>
/// <param name="RequestId">The id of the request's event.</param>
public sealed record HttpResponseRow(
    string EventId, string Timestamp, string? UserIp, long? StatusCode, double? ResponseTimeMs, string? RequestId)
    : StoredRecord(EventId, Timestamp)
{
    internal static StoreTable Schema { get; } = new(
        "http_responses",
        ("user_ip", ColumnType.Text),
        ("status_code", ColumnType.Integer),
        ("response_time_ms", ColumnType.Real),
        ("timestamp", ColumnType.Time),
        ("event_id", ColumnType.Text),
        ("request_id", ColumnType.Text));

    internal override StoreTable Table => Schema;

    internal override void WriteTo(IColumnWriter columns)
    {
        columns.Write(UserIp);
        columns.Write(StatusCode);
        columns.Write(ResponseTimeMs);
        columns.Write(Timestamp);
        columns.Write(EventId);
        columns.Write(RequestId);
    }
}
