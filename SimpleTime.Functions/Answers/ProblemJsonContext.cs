using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SimpleTime.Functions.Answers;

/// <summary>The JSON of problem answers.</summary>
[JsonSerializable(typeof(ProblemAnswer))]
internal sealed partial class ProblemJsonContext : JsonSerializerContext
{
    /// <summary>
    /// Gets the options of bodies that show text of callers to people: quotes and letters of other scripts stay as they are. Safe, since
    /// the answers say that they are JSON.
    /// </summary>
    public static JsonSerializerOptions ReadableOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Gets the context with <see cref="ReadableOptions"/>.</summary>
    public static ProblemJsonContext Readable { get; } = new(new JsonSerializerOptions(ReadableOptions));
}
