using System.Net.Mime;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;

namespace SimpleTime.Functions.Answers;

/// <summary>The body of an answer that is not what was asked for (RFC 9457).</summary>
internal sealed class ProblemAnswer
{
    [JsonPropertyName("type")]
    public string Type { get; } = "about:blank";

    [JsonPropertyName("title")]
    public required string Title { get; init; }

    [JsonPropertyName("status")]
    public required int Status { get; init; }

    [JsonPropertyName("detail")]
    public required string Detail { get; init; }

    /// <summary>Events that Kafka has not acknowledged yet; only where the answer is about them.</summary>
    [JsonPropertyName("pending")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Pending { get; init; }

    /// <summary>Returns the answer with this body.</summary>
    /// <param name="statusCode">The status code; its standard phrase is the title, as <c>about:blank</c> wants.</param>
    /// <param name="detail">A sentence for a person.</param>
    /// <param name="pending">Events that Kafka has not acknowledged yet.</param>
    public static BodyResult Result(int statusCode, string detail, long? pending = null) => BodyResult.Json(
        statusCode,
        new ProblemAnswer { Title = ReasonPhrases.GetReasonPhrase(statusCode), Status = statusCode, Detail = detail, Pending = pending },
        ProblemJsonContext.Readable.ProblemAnswer,
        MediaTypeNames.Application.ProblemJson);
}
