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
    : StoredRecord(EventId, Timestamp);
