using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace SimpleTime.Functions.Worker.Kafka.Outputs;

/// <summary>Writes output values as messages, with the JSON options of the app. Safe for use by several threads.</summary>
internal sealed class MessageSerializer(IOptions<JsonOptions> options)
{
    private readonly JsonSerializerOptions _json = options.Value.SerializerOptions;

    /// <summary>Returns whether values of the type can be written.</summary>
    public bool CanWrite(Type type) => type == typeof(string) || type == typeof(byte[]) || _json.TryGetTypeInfo(type, out _);

    /// <summary>Returns the bytes of one message: text and bytes as they are, anything else as JSON.</summary>
    /// <exception cref="NotSupportedException">The type is not in the app's JSON options.</exception>
    public byte[] Write(object value) => value switch
    {
        byte[] bytes => bytes,
        string text => Encoding.UTF8.GetBytes(text),
        _ => JsonSerializer.SerializeToUtf8Bytes(value, _json.GetTypeInfo(value.GetType())),
    };
}
