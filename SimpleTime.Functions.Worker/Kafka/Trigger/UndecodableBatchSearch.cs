using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>
/// Finds the end of a batch that cannot be decoded. A broker gives the whole batch for any offset inside it, so the end is the first
/// offset that gives something else. Used by one thread.
/// </summary>
/// <param name="consumer">Reads; ends with the search. It is no member of a group.</param>
/// <param name="partition">The partition.</param>
/// <param name="first">An offset inside the batch.</param>
internal sealed class UndecodableBatchSearch(IConsumer<byte[]?, byte[]?> consumer, TopicPartition partition, long first) : IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(1);

    // How far the last offset known to be inside is from the first, and the nearest known to be behind the batch.
    private long _inside;
    private long? _behind;

    /// <summary>Tries one more offset, for up to 1 s.</summary>
    /// <returns>The first offset behind the batch; null while it is not found.</returns>
    public long? Step()
    {
        var distance = _behind is { } behind ? _inside + ((behind - _inside) / 2) : (_inside * 2) + 1;
        consumer.Assign(new TopicPartitionOffset(partition, first + distance));
        try
        {
            // The client also says "end" of a fetch that had nothing but a damaged batch.
            var result = consumer.Consume(_timeout);
            while (result is { IsPartitionEOF: true } && result.Offset < consumer.QueryWatermarkOffsets(partition, _timeout).High)
            {
                result = consumer.Consume(_timeout);
            }

            _behind = result is null ? _behind : distance;
        }
        catch (ConsumeException e) when (e.Error.Code == ErrorCode.Local_AutoOffsetReset)
        {
            // Beyond the end of the partition.
            _behind = distance;
        }
        catch (ConsumeException e) when (ConsumeErrors.IsUndecodable(e.Error.Code))
        {
            _inside = distance;
        }
        catch (KafkaException)
        {
            // No answer: the same offset is tried again.
        }

        return _behind == _inside + 1 ? first + _behind : null;
    }

    public void Dispose() => consumer.Dispose();
}
