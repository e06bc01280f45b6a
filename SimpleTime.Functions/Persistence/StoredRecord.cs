using System.Diagnostics;

namespace SimpleTime.Functions.Persistence;

/// <summary>A record of Kafka as the store keeps it: a row of an event, or a dead letter. Immutable.</summary>
/// <param name="EventId">What tells it from all others of its table; a second one with the same id is left out.</param>
/// <param name="Timestamp">The event's own time: UTC, <c>yyyy-MM-ddTHH:mm:ss.ffffffZ</c>.</param>
public abstract record StoredRecord(string EventId, string Timestamp)
{
    /// <summary>Gets the span of what is done with the record; null when it is not traced.</summary>
    public Activity? Span { get; init; }

    /// <summary>Gets the table that keeps records of this kind.</summary>
    internal abstract StoreTable Table { get; }

    /// <summary>Writes the value of each column of the table.</summary>
    /// <param name="columns">Takes them.</param>
    internal abstract void WriteTo(IColumnWriter columns);
}
