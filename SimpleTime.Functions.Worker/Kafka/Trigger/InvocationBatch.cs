using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Worker.Kafka.Clients;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>A batch as the function and its spans see it. Immutable, safe for use by several threads.</summary>
internal sealed class InvocationBatch
{
    /// <summary>The most links of a span: as many as a batch usually has records. Each is some 36 bytes of what is exported.</summary>
    public const int MaxLinks = 1024;

    private readonly Lazy<IReadOnlyList<ActivityLink>> _links;

    /// <param name="records">The records; may be empty.</param>
    /// <param name="undecodable">The batches that cannot be decoded.</param>
    public InvocationBatch(KafkaRecord[] records, IReadOnlyList<UndecodableBatch> undecodable)
    {
        Records = records;
        Undecodable = undecodable;
        _links = new Lazy<IReadOnlyList<ActivityLink>>(() => LinksOf(records));
    }

    public KafkaRecord[] Records { get; }

    /// <summary>Gets the batches that cannot be decoded, which are to be kept before their offsets are committed.</summary>
    public IReadOnlyList<UndecodableBatch> Undecodable { get; }

    /// <summary>Gets a link to each recorded span that sent records of it, found once for all spans of the batch.</summary>
    public IReadOnlyList<ActivityLink> Links => _links.Value;

    private static List<ActivityLink> LinksOf(KafkaRecord[] records)
    {
        var senders = new HashSet<ActivityContext>();
        foreach (var record in records)
        {
            if (TraceHeader.TryRead(record, out var sender) && senders.Add(sender) && senders.Count == MaxLinks)
            {
                break;
            }
        }

        return [.. senders.Select(sender => new ActivityLink(sender))];
    }
}
