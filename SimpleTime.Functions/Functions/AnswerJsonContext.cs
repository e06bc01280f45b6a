using System.Text.Json;
using System.Text.Json.Serialization;
using SimpleTime.Functions.Answers;
using SimpleTime.Functions.Kafka;

namespace SimpleTime.Functions.Functions;

/// <summary>The JSON of the functions' answers.</summary>
[JsonSerializable(typeof(TimeAnswer))]
[JsonSerializable(typeof(KafkaStatusSnapshot))]
[JsonSerializable(typeof(PublishAnswer))]
internal sealed partial class AnswerJsonContext : JsonSerializerContext
{
    /// <summary>Gets the context for bodies that show text of callers to people.</summary>
    public static AnswerJsonContext Readable { get; } = new(new JsonSerializerOptions(ProblemJsonContext.ReadableOptions));
}
