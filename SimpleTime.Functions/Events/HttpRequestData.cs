using System.Text.Json;

namespace SimpleTime.Functions.Events;

/// <summary>The data of <c>http_request</c>.</summary>
public sealed class HttpRequestData : EventData
{
    /// <summary>Gets the caller's address; null when unknown.</summary>
    public required string? UserIp { get; init; }

    /// <summary>Gets the HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>Gets the path.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Gets the host that answers.</summary>
    public required string Hostname { get; init; }

    /// <summary>Gets its operating system.</summary>
    public required string Os { get; init; }

    internal override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("user_ip"u8, UserIp);
        writer.WriteString("method"u8, Method);
        writer.WriteString("endpoint"u8, Endpoint);
        writer.WriteString("hostname"u8, Hostname);
        writer.WriteString("os"u8, Os);
        writer.WriteEndObject();
    }
}
