using System.Text.Json;
using System.Text.Json.Serialization;

namespace SimpleTime.Functions.Kafka;

/// <summary>Writes a state as answers show it.</summary>
internal sealed class KafkaStateConverter : JsonConverter<KafkaState>
{
    public override KafkaState Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("States are only written.");

    public override void Write(Utf8JsonWriter writer, KafkaState value, JsonSerializerOptions options) => writer.WriteStringValue(value switch
    {
        KafkaState.Up => "UP"u8,
        KafkaState.Disabled => "DISABLED"u8,
        _ => "NOT UP"u8,
    });
}
