using System.Text.Json;

namespace SimpleTime.Functions.Events;

/// <summary>The data of <c>error</c>.</summary>
public sealed class ErrorData : EventData
{
    /// <summary>Gets what went wrong: at most 512 characters, no control characters.</summary>
    public required string ErrorMessage { get; init; }

    /// <summary>Gets the type of the exception, without its namespace.</summary>
    public required string ErrorType { get; init; }

    /// <summary>Gets the path of the request.</summary>
    public required string Endpoint { get; init; }

    internal override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("error_message"u8, ErrorMessage);
        writer.WriteString("error_type"u8, ErrorType);
        writer.WriteString("endpoint"u8, Endpoint);
        writer.WriteEndObject();
    }
}
