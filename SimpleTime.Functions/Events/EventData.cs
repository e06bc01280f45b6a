using System.Text.Json;

namespace SimpleTime.Functions.Events;

/// <summary>What an event tells. Immutable.</summary>
public abstract class EventData
{
    private protected EventData()
    {
    }

    /// <summary>Writes one JSON object.</summary>
    /// <param name="writer">Where to.</param>
    internal abstract void WriteTo(Utf8JsonWriter writer);
}
