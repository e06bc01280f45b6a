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
    : StoredRecord(EventId, Timestamp);
