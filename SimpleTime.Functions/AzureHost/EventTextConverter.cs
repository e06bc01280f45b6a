using System.Text.Json;
using System.Text.Json.Serialization;
using SimpleTime.Functions.Events;

namespace SimpleTime.Functions.AzureHost;

/// <summary>
/// Writes an event as a string that holds its JSON. The Azure Functions host parses objects and writes them anew, indented and with
/// other numbers; a string it sends as it is.
/// </summary>
internal sealed class EventTextConverter : JsonConverter<ServiceEvent>
{
    public override ServiceEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Events are only written.");

    public override void Write(Utf8JsonWriter writer, ServiceEvent value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonSerializer.SerializeToUtf8Bytes(value, EventJsonContext.Default.ServiceEvent));
}
