using System.Text.Json;
using System.Text.Json.Serialization;

namespace SimpleTime.Functions.Events;

/// <summary>Lets event data write itself. Events are read by <see cref="EventReader"/>.</summary>
internal sealed class EventDataConverter : JsonConverter<EventData>
{
    public override EventData Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Events are only written.");

    public override void Write(Utf8JsonWriter writer, EventData value, JsonSerializerOptions options) => value.WriteTo(writer);
}
