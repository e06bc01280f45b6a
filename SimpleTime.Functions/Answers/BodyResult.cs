using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace SimpleTime.Functions.Answers;

/// <summary>
/// An answer whose body is written as bytes with a Content-Length, so that a client has it complete before the
/// output bindings run. Immutable, so one instance may answer many requests.
/// </summary>
internal sealed class BodyResult : IResult, IStatusCodeHttpResult, IContentTypeHttpResult
{
    private const string JsonType = MediaTypeNames.Application.Json;

    private BodyResult(int statusCode, string? contentType, ReadOnlyMemory<byte> body)
    {
        StatusCode = statusCode;
        ContentType = contentType;
        Body = body;
    }

    /// <summary>Gets the status code.</summary>
    public int StatusCode { get; }

    int? IStatusCodeHttpResult.StatusCode => StatusCode;

    /// <summary>Gets the type of the body; null when there is none.</summary>
    public string? ContentType { get; }

    /// <summary>Gets the body as it is sent.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Returns an answer of JSON text.</summary>
    public static BodyResult Json(int statusCode, ReadOnlySpan<byte> json) => new(statusCode, JsonType, json.ToArray());

    /// <summary>Returns an answer of <paramref name="value"/> as JSON.</summary>
    public static BodyResult Json<T>(int statusCode, T value, JsonTypeInfo<T> type, string contentType = JsonType) =>
        new(statusCode, contentType, JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>Returns an answer without a body.</summary>
    public static BodyResult Empty(int statusCode) => new(statusCode, null, default);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCode;
        response.ContentLength = Body.Length;
        if (ContentType is null)
        {
            return Task.CompletedTask;
        }

        response.ContentType = ContentType;
        return response.Body.WriteAsync(Body, httpContext.RequestAborted).AsTask();
    }
}
