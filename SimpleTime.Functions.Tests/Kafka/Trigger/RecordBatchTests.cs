using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Worker.Kafka.Trigger;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>The records of one invocation.</summary>
public sealed class RecordBatchTests
{
    private readonly RecordBatch _batch = new();

    [Fact]
    public void A_record_is_shown_with_all_it_has()
    {
        var record = Record(3, 41, [1, 2], [3]);
        record.Message.Timestamp = new Timestamp(1_700_000_000_123, TimestampType.LogAppendTime);
        record.Message.Headers = [new Header("a", [4]), new Header("a", null)];
        _batch.Add(PolledItem.Of(record));

        var shown = Assert.Single(_batch.ForInvocation().Records);

        Assert.Equal(("topic", 3, 41L), (shown.Topic, shown.Partition, shown.Offset));
        Assert.Equal([1, 2], shown.Key!);
        Assert.Equal([3], shown.Value!);
        Assert.Equal((1_700_000_000_123, KafkaTimestampType.LogAppendTime), (shown.Timestamp!.UnixTimestampMs, shown.Timestamp.Type));
        Assert.Equal(["a", "a"], shown.Headers.Select(h => h.Key));
        Assert.Equal([[4], null], shown.Headers.Select(h => h.Value));
    }

    [Fact]
    public void A_tombstone_without_key_and_headers_is_shown_as_such()
    {
        _batch.Add(PolledItem.Of(Record(0, 0, null, null)));

        var shown = Assert.Single(_batch.ForInvocation().Records);

        Assert.Null(shown.Key);
        Assert.Null(shown.Value);
        Assert.Empty(shown.Headers);
    }

    [Theory]
    [InlineData(TimestampType.CreateTime, KafkaTimestampType.CreateTime)]
    [InlineData(TimestampType.LogAppendTime, KafkaTimestampType.LogAppendTime)]
    [InlineData(TimestampType.NotAvailable, KafkaTimestampType.NotAvailable)]
    public void The_type_of_a_timestamp_is_kept(TimestampType type, KafkaTimestampType expected)
    {
        var record = Record(0, 0, null, null);
        record.Message.Timestamp = new Timestamp(5, type);
        _batch.Add(PolledItem.Of(record));

        Assert.Equal(expected, _batch.ForInvocation().Records[0].Timestamp!.Type);
    }

    [Fact]
    public void The_next_offset_of_each_partition_is_behind_its_last_record()
    {
        _batch.Add(PolledItem.Of(Record(0, 7)));
        _batch.Add(PolledItem.Of(Record(1, 3)));
        _batch.Add(PolledItem.Of(Record(0, 9)));

        Assert.Equal([(0, 10L), (1, 4L)], _batch.NextOffsets().Select(o => (o.Partition.Value, o.Offset.Value)).Order());
    }

    [Fact]
    public void Records_of_lost_partitions_leave_and_the_others_keep_their_order()
    {
        _batch.Add(PolledItem.Of(Record(0, 1)));
        _batch.Add(PolledItem.Of(Record(1, 1)));
        _batch.Add(PolledItem.Of(Record(0, 2)));
        _batch.Add(PolledItem.Of(Record(2, 1)));

        _batch.RemovePartitions([new("topic", 1), new("topic", 2), new("other", 0)]);

        Assert.Equal([1L, 2L], _batch.ForInvocation().Records.Select(r => r.Offset));
        Assert.Equal(0, Assert.Single(_batch.NextOffsets()).Partition.Value);
    }

    [Fact]
    public void What_spans_and_attempts_see_is_made_once_until_the_batch_changes()
    {
        _batch.Add(PolledItem.Of(Record(0, 1)));
        var first = _batch.ForInvocation();

        Assert.Same(first, _batch.ForInvocation());
        _batch.Add(PolledItem.Of(Record(0, 2)));
        Assert.Equal([1L, 2L], _batch.ForInvocation().Records.Select(r => r.Offset));
        Assert.Equal([1L], first.Records.Select(r => r.Offset));
    }

    [Fact]
    public void The_size_is_that_of_keys_and_values()
    {
        _batch.Add(PolledItem.Of(Record(0, 1, new byte[10], new byte[100])));
        _batch.Add(PolledItem.Of(Record(0, 2, null, new byte[5])));
        _batch.Add(PolledItem.Of(Record(0, 3, null, null)));

        Assert.Equal(115, _batch.Bytes);
        Assert.Equal(3, _batch.Count);
    }

    private static ConsumeResult<byte[]?, byte[]?> Record(int partition, long offset, byte[]? key = null, byte[]? value = null) => new()
    {
        TopicPartitionOffset = new("topic", partition, offset),
        Message = new Message<byte[]?, byte[]?> { Key = key, Value = value, Timestamp = new Timestamp(0, TimestampType.CreateTime) },
    };
}
