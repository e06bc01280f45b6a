using System.Text.Json;
using System.Text.Json.Serialization;

namespace SimpleTime.Functions.Events;

/// <summary>
/// What an event tells. Immutable. Writes itself, so that it is the same JSON whichever serializer a host uses:
/// source-generated or by reflection.
/// </summary>
[JsonConverter(typeof(EventDataConverter))]
public abstract class EventData
{
    private protected EventData()
    {
    }

    /// <summary>Writes one JSON object.</summary>
    /// <param name="writer">Where to.</param>
    internal abstract void WriteTo(Utf8JsonWriter writer);
}
