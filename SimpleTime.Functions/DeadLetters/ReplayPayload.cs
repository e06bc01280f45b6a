using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using SimpleTime.Functions.Events;

namespace SimpleTime.Functions.DeadLetters;

/// <summary>What is sent for the stored payload of a dead letter.</summary>
/// <remarks>
/// A JSON object gets what it has not and the row needs: the replay's <c>event_id</c> where its own is absent or unreadable,
/// and the record's <c>timestamp</c> where there is none, which would else be the replay's. Everything else goes as it
/// is stored, byte for byte if nothing is to be added.
/// </remarks>
internal static class ReplayPayload
{
    /// <summary>Makes the value to send.</summary>
    /// <param name="payload">The stored payload; null for none.</param>
    /// <param name="replayId">The id of the replay.</param>
    /// <param name="timestamp">The time of the record that became the dead letter; empty when it is not known.</param>
    public static byte[]? Make(byte[]? payload, string replayId, string timestamp)
    {
        if (payload is null || !Utf8.IsValid(payload) || TryParse(payload) is not { ValueKind: JsonValueKind.Object } root)
        {
            return payload;
        }

        var hasId = root.TryGetProperty("event_id"u8, out var id)
            && id.ValueKind == JsonValueKind.String && UuidText.TryRead(id.GetString(), out _);
        var hasTime = timestamp.Length == 0 || root.TryGetProperty("timestamp"u8, out _);
        if (hasId && hasTime)
        {
            return payload;
        }

        var buffer = new ArrayBufferWriter<byte>(payload.Length + 128);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            if (!hasId)
            {
                writer.WriteString("event_id"u8, replayId);
            }

            if (!hasTime)
            {
                writer.WriteString("timestamp"u8, timestamp);
            }

            foreach (var member in root.EnumerateObject())
            {
                if (hasId || !member.NameEquals("event_id"u8))
                {
                    writer.WritePropertyName(member.Name);
                    writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
                }
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static JsonElement? TryParse(byte[] payload)
    {
        try
        {
            return StrictJson.Parse(payload);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
