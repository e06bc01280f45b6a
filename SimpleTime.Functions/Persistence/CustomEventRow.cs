namespace SimpleTime.Functions.Persistence;

/// <summary>A row of <c>custom_events</c>.</summary>
/// <param name="EventId">The event's id.</param>
/// <param name="Timestamp">The event's own time.</param>
/// <param name="EventType">What the event is called.</param>
/// <param name="Data">Its data as JSON text; <c>{}</c> when it left it out.</param>
public sealed record CustomEventRow(string EventId, string Timestamp, string EventType, string Data)
    : StoredRecord(EventId, Timestamp);
