using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// Reads the messages of backlog files back while their destination takes messages, and deletes the files of which none is outstanding.
/// Members block. Not safe for use by several threads.
/// </summary>
internal sealed partial class OutboxBacklog(
    OutboxFolders folders, UnwrittenMessages unwritten, OutboxDestinations destinations, OutboxLines lines, ThrottledLog throttled, ILogger<OutboxBacklog> logger)
{
    private const int ReadBytes = 1 << 20;
    private const long None = long.MaxValue;

    private readonly Dictionary<OutboxDestination, LinkedList<BacklogFile>> _waiting = [];
    private readonly List<BacklogFile> _left = [];
    private readonly List<BacklogFile> _read = [];
    private readonly ThrottledLine<(string Path, string Reason)> _unreadable = throttled.CreateLine<(string Path, string Reason)>(
        (latest, count) => Log.Unreadable(logger, count, latest.Path, SafeText.OneLine(latest.Reason, 256)));

    private long _oldest = None;

    /// <summary>Gets when the oldest message that waits in a file was accepted, in UTC; null when there is none. For any thread.</summary>
    public DateTimeOffset? Oldest => Volatile.Read(ref _oldest) is var ticks && ticks != None ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Adds a file of this process, which may take more records.</summary>
    public void Add(OutboxDestination destination, OutboxFile file) => Add(destination, new BacklogFile(file));

    /// <summary>Adds files that dead processes left.</summary>
    public void AddLeft(IReadOnlyList<OutboxFile> files) => _left.AddRange(files.Select(file => new BacklogFile(file)));

    /// <summary>Gets the bytes of all files that it has.</summary>
    public long Bytes => _waiting.Values.SelectMany(files => files).Concat(_left).Concat(_read).Sum(file => file.File.Bytes);

    /// <summary>Returns the bytes of the files that wait for a destination.</summary>
    public long BytesOf(OutboxDestination destination) =>
        _waiting.TryGetValue(destination, out var files) ? files.Sum(file => file.File.Bytes) : 0;

    /// <summary>Finds the destinations of the files that were left.</summary>
    public void SortLeft()
    {
        for (var i = 0; i < _left.Count; i++)
        {
            var file = _left[i];
            if (!TryRead(file, static file => file.Peek(), out var first))
            {
                continue;
            }

            if (first is null)
            {
                NoteMissing(null, file);
                _read.Add(file);
            }
            else if (destinations.FindOrAdd(first.BrokerSetting, first.Topic) is { } destination)
            {
                Add(destination, file);
            }
            else
            {
                Log.NoProducer(logger, file.File.Path, SafeText.OneLine(first.BrokerSetting, 128));
            }

            _left.RemoveAt(i--);
        }
    }

    /// <summary>Reads as many messages of a destination as it needs.</summary>
    public void Load(OutboxDestination destination)
    {
        if (!_waiting.TryGetValue(destination, out var files))
        {
            return;
        }

        var wanted = unwritten.CountWanted(destination);
        for (var node = files.First; wanted > 0 && node is not null;)
        {
            var (next, file) = (node.Next, node.Value);

            // The others do not wait for one that cannot be read.
            if (TryRead(file, file => file.Read(wanted, ReadBytes), out var records))
            {
                unwritten.Load(destination, records, file.File);
                NoteMissing(destination, file);
                wanted = Math.Min(wanted - records.Count, unwritten.CountWanted(destination));
                if (!file.IsAtEnd)
                {
                    continue;
                }

                if (!file.File.IsOpen)
                {
                    files.Remove(node);
                    _read.Add(file);
                }
            }

            node = next;
        }
    }

    /// <summary>Notes that messages are in a file now, before they leave memory.</summary>
    public void NoteWritten(OutboxDestination destination, OutboxFile file, IReadOnlyList<OutboxRecord> records)
    {
        _waiting[destination].First(waiting => waiting.File == file).NoteWritten(records.Min(record => record.AcceptedAt));
        UpdateOldest();
    }

    /// <summary>Keeps <see cref="Oldest"/> up to date.</summary>
    public void UpdateOldest() => Volatile.Write(
        ref _oldest, _waiting.Values.SelectMany(files => files).Concat(_left).Min(file => file.OldestUnread)?.UtcTicks ?? None);

    /// <summary>Deletes the files that take no more records and of which no message is outstanding.</summary>
    public void DeleteFinished()
    {
        foreach (var files in _waiting.Values)
        {
            // What of them was read may have been done before they were closed.
            foreach (var file in files.Where(file => file.File is { IsOpen: false, Records: > 0 } && unwritten.CountOutstanding(file.File) == 0).ToArray())
            {
                files.Remove(file);
                _read.Add(file);
            }
        }

        for (var i = _read.Count - 1; i >= 0; i--)
        {
            var file = _read[i];
            if (unwritten.CountOutstanding(file.File) > 0)
            {
                continue;
            }

            _read.RemoveAt(i);
            if (file.Reader.IsUnknown)
            {
                folders.LeaveUnknown(file.File);
            }
            else if (file.Reader.IsDamaged)
            {
                folders.KeepDamaged(file.File, file.Reader.Missing);
            }
            else
            {
                folders.Delete(file.File);
            }
        }
    }

    private void Add(OutboxDestination destination, BacklogFile file)
    {
        if (!_waiting.TryGetValue(destination, out var files))
        {
            _waiting[destination] = files = [];
        }

        files.AddLast(file);
    }

    private void NoteMissing(OutboxDestination? destination, BacklogFile file)
    {
        if (file.TakeMissing() is > 0 and var missing)
        {
            unwritten.Lose(destination, file.File, missing);
            lines.Dropped($"{file.File.Path} is damaged", missing);
        }
    }

    private bool TryRead<T>(BacklogFile file, Func<BacklogFile, T> read, out T result)
    {
        try
        {
            result = read(file);
            return true;
        }
        catch (Exception e) when (OutboxDisk.IsDiskError(e))
        {
            _unreadable.Write((file.File.Path, e.Message));
            result = default!;
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Error, "{Path} cannot be read and is tried again ({Count} times since this was last logged): {Reason}")]
        public static partial void Unreadable(ILogger logger, long count, string path, string reason);

        [LoggerMessage(41, LogLevel.Error, "{Path} stays as it is: no function here sends to the brokers of {BrokerSetting}.")]
        public static partial void NoProducer(ILogger logger, string path, string brokerSetting);
    }
}
