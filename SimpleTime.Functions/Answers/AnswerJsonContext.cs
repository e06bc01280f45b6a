using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Status;

namespace SimpleTime.Functions.Answers;

/// <summary>The JSON of the answers' bodies.</summary>
[JsonSerializable(typeof(TimeAnswer))]
[JsonSerializable(typeof(KafkaStatusAnswer))]
[JsonSerializable(typeof(PublishAnswer))]
[JsonSerializable(typeof(ProblemAnswer))]
internal sealed partial class AnswerJsonContext : JsonSerializerContext
{
    /// <summary>
    /// Quotes and letters of other scripts as they are, for bodies that show text of callers to people. Safe: the
    /// answers say that they are JSON.
    /// </summary>
    public static AnswerJsonContext Readable { get; } =
        new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
