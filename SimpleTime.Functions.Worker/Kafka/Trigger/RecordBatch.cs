using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Collects records that one invocation takes, of several partitions, each in order, and with them the ends of partitions, which
/// are committed like a record, and batches that cannot be decoded. Used by the consumer's thread.
/// </summary>
internal sealed class RecordBatch
{
    private readonly List<ConsumeResult<byte[]?, byte[]?>> _records = [];
    private readonly List<UndecodableBatch> _undecodable = [];
    private readonly Dictionary<TopicPartition, Offset> _next = [];
    private InvocationBatch? _forInvocation;

    /// <summary>Gets the number of records.</summary>
    public int Count => _records.Count;

    /// <summary>Gets whether there is nothing to be done before <see cref="NextOffsets"/> may be committed.</summary>
    public bool IsEmpty => _records.Count + _undecodable.Count == 0;

    /// <summary>Gets the size of keys and values.</summary>
    public long Bytes { get; private set; }

    /// <summary>Gets or sets the span of its poll; the default when there is none.</summary>
    public ActivityContext Poll { get; set; }

    /// <summary>Returns the offsets to commit once the records are done, one of each partition.</summary>
    public IReadOnlyList<TopicPartitionOffset> NextOffsets() => [.. _next.Select(next => new TopicPartitionOffset(next.Key, next.Value))];

    /// <summary>Adds what was polled.</summary>
    public void Add(PolledItem item)
    {
        _next[item.Partition] = item.Next;
        if (item.Undecodable is { } undecodable)
        {
            _undecodable.Add(undecodable);
        }

        if (item.Record is { } record)
        {
            _records.Add(record);
            Bytes += (record.Message.Key?.Length ?? 0) + (record.Message.Value?.Length ?? 0);
        }

        _forInvocation = null;
    }

    /// <summary>Removes what belongs to some partitions.</summary>
    public void RemovePartitions(IReadOnlyCollection<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            _next.Remove(partition);
        }

        _undecodable.RemoveAll(u => partitions.Contains(new TopicPartition(u.Topic, u.Partition)));
        _records.RemoveAll(r => partitions.Contains(r.TopicPartition));
        _forInvocation = null;
    }

    /// <summary>Returns the batch as the function sees it, the same one until the batch changes.</summary>
    public InvocationBatch ForInvocation() => _forInvocation ??= new InvocationBatch([.. _records.Select(ToRecord)], [.. _undecodable]);

    private static KafkaRecord ToRecord(ConsumeResult<byte[]?, byte[]?> result) => new()
    {
        Topic = result.Topic,
        Partition = result.Partition.Value,
        Offset = result.Offset.Value,
        Key = result.Message.Key,
        Value = result.Message.Value,
        Timestamp = new KafkaTimestamp
        {
            UnixTimestampMs = result.Message.Timestamp.UnixTimestampMs,
            Type = result.Message.Timestamp.Type switch
            {
                TimestampType.CreateTime => KafkaTimestampType.CreateTime,
                TimestampType.LogAppendTime => KafkaTimestampType.LogAppendTime,
                _ => KafkaTimestampType.NotAvailable,
            },
        },
        Headers = result.Message.Headers is { Count: > 0 } headers
            ? [.. headers.Select(h => new KafkaHeader { Key = h.Key, Value = h.GetValueBytes() })]
            : [],
    };
}
