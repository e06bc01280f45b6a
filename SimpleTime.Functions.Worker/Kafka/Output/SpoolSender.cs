using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Kafka.Spool;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>
/// Sends what is in the spool when Kafka is up, oldest first, a batch at a time: each batch waits for its acknowledgements, so
/// that new events always find room in the client's queue. One loop.
/// </summary>
internal sealed partial class SpoolSender(
    OutputSpool entries, OutputBindings bindings, OutputMetrics metrics, TimeProvider time, ILogger<SpoolSender> logger)
{
    private const int BatchRecords = 500;
    private const int BatchBytes = 1 << 20;
    private const int MaxWaiting = 2_000;

    private static readonly TimeSpan _idle = TimeSpan.FromMilliseconds(200);

    private readonly EventSpool _spool = entries.Spool;

    // Copies of what a client still has; they must not hold up what lies behind them.
    private readonly List<(SpooledRecord Record, SpoolEntry Entry)> _waiting = [];

    private long _sent;

    /// <summary>Sends a batch, or waits for a while when nothing can be sent.</summary>
    public async Task SendNextAsync(CancellationToken stopping)
    {
        var batch = TakeDecided();
        if (_waiting.Count < MaxWaiting)
        {
            batch.AddRange(_spool.Peek(BatchRecords, BatchBytes));
        }

        var results = await Task.WhenAll(batch.Select(SendAsync)).ConfigureAwait(false);
        _sent += results.Count(result => result == true);
        if (_sent > 0 && _spool.IsEmpty)
        {
            LogSent(logger, _sent);
            _sent = 0;
        }

        if (results.Length == 0 || results.Contains(false))
        {
            await Task.Delay(_idle, time, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Sends one record and completes or returns it.</summary>
    /// <returns>True when it was sent, null when it is not to be, false when it has to come again.</returns>
    private async Task<bool?> SendAsync(SpooledRecord record)
    {
        if (!SpoolEntry.TryRead(record.Payload, out var entry))
        {
            entries.Dropped("the spool holds a record of another version", 1);
            _spool.Complete(record);
            return null;
        }

        var state = entries.StateOf(entry);
        if (state == CopyState.Acknowledged)
        {
            _spool.Complete(record);
            entries.Forget(entry);
            return null;
        }

        if (state == CopyState.Pending)
        {
            _waiting.Add((record, entry));
            return null;
        }

        if (bindings.ProducerOf(entry) is not { } producer || !bindings.IsUp(producer)
            || producer.Send(entry) is not { } sending)
        {
            _spool.Return(record);
            return false;
        }

        var error = await sending.ConfigureAwait(false);
        if (error.IsError && !DeliveryErrors.IsPermanent(error))
        {
            _spool.Return(record);
            return false;
        }

        if (error.IsError)
        {
            entries.Reject(entry.Topic, entry.Value, error);
        }
        else
        {
            metrics.Delivered();
        }

        _spool.Complete(record);
        return error.IsError ? null : true;
    }

    private List<SpooledRecord> TakeDecided()
    {
        List<SpooledRecord> decided = [];
        _waiting.RemoveAll(waiting =>
        {
            if (entries.StateOf(waiting.Entry) == CopyState.Pending)
            {
                return false;
            }

            decided.Add(waiting.Record);
            return true;
        });
        return decided;
    }

    [LoggerMessage(38, LogLevel.Information, "The spool is empty again: {Count} messages were sent from it.")]
    private static partial void LogSent(ILogger logger, long count);
}
