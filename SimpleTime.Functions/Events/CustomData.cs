using System.Runtime.InteropServices;
using System.Text.Json;

namespace SimpleTime.Functions.Events;

/// <summary>The data of a caller's own event.</summary>
/// <param name="value">A JSON object that owns its memory.</param>
public sealed class CustomData(JsonElement value) : EventData
{
    /// <summary>Gets the caller's object.</summary>
    public JsonElement Value { get; } = value;

    // Byte for byte: no serializer's escaping changes it, or counts its depth a second time.
    internal override void WriteTo(Utf8JsonWriter writer) =>
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(Value), skipInputValidation: true);
}
