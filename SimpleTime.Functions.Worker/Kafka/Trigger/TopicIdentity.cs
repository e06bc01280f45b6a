using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Asks now and then for the id of a topic, which is another one once the topic was deleted and made again. Used by the consumer's thread,
/// which does not wait for the answers.
/// </summary>
/// <param name="handle">The handle of the client that asks.</param>
/// <param name="topic">The topic.</param>
/// <param name="time">The clock.</param>
internal sealed class TopicIdentity(Handle handle, string topic, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);

    // A broker that cannot say (librdkafka's mock cluster has no controller to ask) is not asked all the time.
    private static readonly TimeSpan _longInterval = TimeSpan.FromSeconds(30);

    // How often it may fail before the broker counts as one that cannot say.
    private const int MaxFailures = 3;

    private const string MetadataPrefix = "topic-id=";
    private const int MaxMetadataLength = 64;

    private IAdminClient? _admin;
    private Task<DescribeTopicsResult>? _question;
    private long? _asked;
    private int _failures;

    /// <summary>Returns the text to commit beside the offsets of a topic; null when its id is not known.</summary>
    public static string? ToMetadata(string? id) => id is null ? null : MetadataPrefix + id;

    /// <summary>Returns the id in a text that was committed beside an offset; null when somebody else wrote it.</summary>
    public static string? OfMetadata(string? metadata) => metadata?.StartsWith(MetadataPrefix, StringComparison.Ordinal) == true
        && metadata.Length <= MaxMetadataLength ? metadata[MetadataPrefix.Length..] : null;

    /// <summary>Returns the id once for each answer; null when there is none since the last call.</summary>
    public string? Poll()
    {
        if (_question is null)
        {
            if (_asked is not { } last || time.GetElapsedTime(last) >= (_failures < MaxFailures ? _interval : _longInterval))
            {
                _asked = time.GetTimestamp();
                _admin ??= new DependentAdminClientBuilder(handle).Build();
                _question = _admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = _timeout });
            }

            return null;
        }

        if (!_question.IsCompleted)
        {
            return null;
        }

        var answer = _question;
        _question = null;
        // A failed one is a topic that is not there, or a broker that does not answer: the consumer itself tells of both.
        _failures = answer.IsCompletedSuccessfully ? 0 : _failures + 1;
        _ = answer.Exception;
        return answer.IsCompletedSuccessfully && answer.Result.TopicDescriptions is [{ Error.IsError: false } description]
            && description.TopicId is { } id && (id.MostSignificantBits, id.LeastSignificantBits) != (0, 0) ? id.ToString() : null;
    }

    /// <summary>Ends the questions; comes before the end of the client.</summary>
    public void Dispose()
    {
        // A second disposal of the admin client throws.
        _admin?.Dispose();
        _admin = null;
    }
}
