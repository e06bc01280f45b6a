using System.Text.Json;
using System.Text.Json.Serialization;
using SimpleTime.Functions.Persistence;

namespace SimpleTime.Functions.Events;

/// <summary>Lets an event write itself. Events are read by <see cref="EventReader"/>.</summary>
internal sealed class ServiceEventConverter : JsonConverter<ServiceEvent>
{
    public override ServiceEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Events are only written.");

    public override void Write(Utf8JsonWriter writer, ServiceEvent value, JsonSerializerOptions options) => value.WriteTo(writer);
}
