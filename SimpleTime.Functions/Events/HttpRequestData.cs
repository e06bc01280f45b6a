using System.Text.Json;

namespace SimpleTime.Functions.Events;

/// <summary>The data of <c>http_request</c>.</summary>
public sealed class HttpRequestData : EventData
{
    /// <summary>The caller's address; null when unknown.</summary>
    public required string? UserIp { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>The path.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The host that answers.</summary>
    public required string Hostname { get; init; }

    /// <summary>Its operating system.</summary>
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
