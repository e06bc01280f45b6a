using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Persistence;

namespace SimpleTime.Functions.Functions;

/// <summary>Takes events from Kafka to the store.</summary>
/// <param name="reader">Reads a record.</param>
/// <param name="store">Keeps it.</param>
/// <param name="spans">Traces it.</param>
/// <param name="metrics">Counts it.</param>
/// <param name="time">The clock.</param>
public sealed class PersistEvents(EventReader reader, IEventStore store, RecordSpans spans, StoreMetrics metrics, TimeProvider time)
{
    /// <summary>Stores a batch in one transaction. Fails as a whole, and may be repeated: a record is never stored twice.</summary>
    /// <param name="records">The batch; may mix partitions.</param>
    /// <param name="cancellationToken">Cancelled when the host stops, or nobody waits for the batch any more; nothing of it is stored then.</param>
    [Function("PersistEvents")]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:00:30")]
    public async Task Run(
        [KafkaTrigger("KAFKA_BROKERS", "%KAFKA_TOPIC_EVENTS%", ConsumerGroup = "%KAFKA_CONSUMER_GROUP%", IsBatched = true)]
        KafkaRecord[] records,
        CancellationToken cancellationToken)
    {
        var batch = Array.ConvertAll(records, reader.Read);
        spans.Start(records, batch);
        Exception? failure = null;
        try
        {
            var started = time.GetTimestamp();
            var summary = await store.PersistAsync(batch, cancellationToken);
            metrics.Persisted(summary, time.GetElapsedTime(started));
        }
        catch (Exception exception)
        {
            failure = exception;
            throw;
        }
        finally
        {
            RecordSpans.End(batch, failure);
        }
    }
}
