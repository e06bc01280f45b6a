using System.Text.Json;

namespace SimpleTime.Functions.Events;

/// <summary>The data of <c>http_response</c>.</summary>
public sealed class HttpResponseData : EventData
{
    /// <summary>Gets the id of the request's event.</summary>
    public required string RequestId { get; init; }

    /// <summary>Gets the caller's address; null when unknown.</summary>
    public required string? UserIp { get; init; }

    /// <summary>Gets the status code of the answer.</summary>
    public required int StatusCode { get; init; }

    /// <summary>Gets how long the function took, in milliseconds.</summary>
    public required double ResponseTimeMs { get; init; }

    internal override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("request_id"u8, RequestId);
        writer.WriteString("user_ip"u8, UserIp);
        writer.WriteNumber("status_code"u8, StatusCode);
        writer.WriteNumber("response_time_ms"u8, ResponseTimeMs);
        writer.WriteEndObject();
    }
}
