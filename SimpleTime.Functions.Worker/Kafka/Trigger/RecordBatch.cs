using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Records that one invocation takes, of several partitions, each in order. Used by the consumer's thread.</summary>
internal sealed class RecordBatch
{
    private readonly List<ConsumeResult<byte[]?, byte[]?>> _records = [];
    private InvocationBatch? _forInvocation;

    public int Count => _records.Count;

    /// <summary>The size of keys and values.</summary>
    public long Bytes { get; private set; }

    public void Add(ConsumeResult<byte[]?, byte[]?> record)
    {
        _records.Add(record);
        _forInvocation = null;
        Bytes += (record.Message.Key?.Length ?? 0) + (record.Message.Value?.Length ?? 0);
    }

    public void RemovePartitions(IReadOnlyCollection<TopicPartition> partitions)
    {
        _records.RemoveAll(r => partitions.Contains(r.TopicPartition));
        _forInvocation = null;
    }

    /// <summary>The batch as the function sees it, the same one until the batch changes.</summary>
    public InvocationBatch ForInvocation() => _forInvocation ??= new InvocationBatch([.. _records.Select(ToRecord)]);

    /// <summary>The batch as batches of one record.</summary>
    public IEnumerable<RecordBatch> Single() => _records.ToArray().Select(record =>
    {
        var batch = new RecordBatch();
        batch.Add(record);
        return batch;
    });

    /// <summary>The next offset of each partition.</summary>
    public IEnumerable<TopicPartitionOffset> NextOffsets() => _records
        .GroupBy(r => r.TopicPartition)
        .Select(g => new TopicPartitionOffset(g.Key, g.Max(r => r.Offset.Value) + 1));

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
