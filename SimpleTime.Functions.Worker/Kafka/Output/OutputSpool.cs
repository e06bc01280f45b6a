using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Spool;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>
/// The outputs' side of the spool: messages that go there alone, and copies of those that Kafka has not acknowledged in time.
/// Safe for use by several threads.
/// </summary>
internal sealed partial class OutputSpool : IAsyncDisposable
{
    private readonly long _process = Random.Shared.NextInt64(1, long.MaxValue);
    private readonly ConcurrentDictionary<long, CopyState> _copies = new();
    private readonly EventSpool _spool;
    private readonly RejectedFile _rejected;
    private readonly OutputMetrics _metrics;
    private readonly ThrottledLine<string> _dropped;
    private long _lost;

    public OutputSpool(SpoolOptions options, OutputMetrics metrics, TimeProvider time, ThrottledLog throttled, ILoggerFactory loggers, ISpoolDisk? disk = null)
    {
        _spool = new EventSpool(options, OnNotSpooled, time, throttled, loggers.CreateLogger<EventSpool>(), disk);
        _rejected = new RejectedFile(() => _spool.Folder, time, throttled, loggers.CreateLogger<RejectedFile>());
        _metrics = metrics;
        var logger = loggers.CreateLogger<OutputSpool>();
        _dropped = throttled.CreateLine<string>((reason, count) => LogDropped(logger, count, SafeText.OneLine(reason, 256)));
        metrics.ObserveSpool(() => _spool.Bytes);
    }

    /// <summary>Takes what the disk did not; without it, or when it returns false, the message is dropped.</summary>
    public Func<SpoolEntry, bool>? OnUnwritten { get; set; }

    /// <summary>Told of messages by their sequence whose copies the disk did not take.</summary>
    public Action<IReadOnlySet<long>>? OnUncopied { get; set; }

    /// <summary>The spool itself, for its one reader.</summary>
    public EventSpool Spool => _spool;

    /// <summary>Whether there is a spool to write to.</summary>
    public bool IsUsable => _spool.IsUsable;

    /// <summary>Messages in the spool that no client has too.</summary>
    public long Count => Math.Max(0, _spool.Records - _copies.Count);

    /// <summary>Accepted messages that nothing has any more.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Takes a message that no client has.</summary>
    public bool TryAppend(string brokerSetting, string topic, byte[] value, Headers? headers) =>
        Append(new SpoolEntry(_process, 0, brokerSetting, topic, value, headers)) == AppendRefusal.None;

    /// <summary>Keeps a copy of a message until its client is done with it.</summary>
    /// <returns>Why there is no copy; the message then stays with its client alone.</returns>
    public AppendRefusal Copy(PendingMessage message)
    {
        _copies[message.Sequence] = CopyState.Pending;
        var refusal = Append(new SpoolEntry(_process, message.Sequence, message.BrokerSetting, message.Topic, message.Value, message.Headers));
        if (refusal != AppendRefusal.None)
        {
            _copies.TryRemove(message.Sequence, out _);
        }

        return refusal;
    }

    /// <summary>A copied message was acknowledged: the copy need not be sent.</summary>
    public void Acknowledged(long sequence) => _copies.TryUpdate(sequence, CopyState.Acknowledged, CopyState.Pending);

    /// <summary>A copied message was not delivered: the copy is sent.</summary>
    /// <returns>False when there is no copy after all.</returns>
    public bool TryHandOver(long sequence) => _copies.TryRemove(sequence, out _);

    /// <summary>What is to be done with an entry that was read back.</summary>
    public CopyState StateOf(SpoolEntry entry) =>
        entry.Process == _process && entry.Sequence != 0 && _copies.TryGetValue(entry.Sequence, out var state) ? state : CopyState.None;

    /// <summary>Forgets an acknowledged copy that has left the spool.</summary>
    public void Forget(SpoolEntry entry) => _copies.TryRemove(entry.Sequence, out _);

    /// <summary>Counts accepted messages that nothing has any more, without a word: <see cref="TellDropped"/> is for the whole of them.</summary>
    public void Lose(int count)
    {
        Interlocked.Add(ref _lost, count);
        _metrics.Dropped(count);
    }

    /// <summary>Counts messages that nothing takes, and says so once a minute.</summary>
    public void Dropped(string reason, int count)
    {
        _metrics.Dropped(count);
        TellDropped(reason, count);
    }

    /// <summary>Says once a minute that messages were dropped.</summary>
    public void TellDropped(string reason, int count) => _dropped.Write(reason, count);

    /// <summary>Puts a message aside that Kafka will never take, so that it is in nobody's way.</summary>
    public void Reject(string topic, ReadOnlyMemory<byte> value, Error error)
    {
        _metrics.Rejected();
        _rejected.Add(topic, error.Reason, value.Span);
    }

    /// <summary>Writes what is queued and closes the spool.</summary>
    public ValueTask DisposeAsync() => _spool.DisposeAsync();

    private AppendRefusal Append(SpoolEntry entry)
    {
        if (_spool.TryAppend(entry.ToBytes(), out var refusal))
        {
            _metrics.Spooled();
        }

        return refusal;
    }

    private void OnNotSpooled(IReadOnlyList<ReadOnlyMemory<byte>> payloads, string reason)
    {
        var lost = 0;
        var uncopied = new HashSet<long>();
        foreach (var payload in payloads)
        {
            if (!SpoolEntry.TryRead(payload, out var entry))
            {
                continue;
            }

            if (entry.Sequence != 0 && _copies.TryRemove(entry.Sequence, out _))
            {
                // Its message is with its client still.
                uncopied.Add(entry.Sequence);
            }
            else
            {
                lost += OnUnwritten?.Invoke(entry) == true ? 0 : 1;
            }
        }

        if (uncopied.Count > 0)
        {
            OnUncopied?.Invoke(uncopied);
        }

        if (lost > 0)
        {
            Lose(lost);
            TellDropped(reason, lost);
        }
    }

    [LoggerMessage(36, LogLevel.Error, "{Count} messages for Kafka were dropped since this was last logged, the latest because: {Reason}")]
    private static partial void LogDropped(ILogger logger, long count, string reason);
}
