using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using SimpleTime.Functions.Worker.Kafka.Outbox.Refused;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>Writes messages that Kafka refused for good to files of their own, synced. Members block. Not safe for use by several threads.</summary>
internal sealed class RefusedWriter(OutboxOptions options, OutboxFolders folders, UnwrittenMessages unwritten, OutboxLines lines, TimeProvider time)
{
    private const int MaxMessages = 500;

    // What a file has of a message besides its value, roughly.
    private const long RecordBytes = 512;

    // Whoever sends these messages again needs the file for itself.
    private static readonly TimeSpan _idleTime = TimeSpan.FromMinutes(1);

    private OutboxFile? _file;
    private long _writtenAt;

    /// <summary>Writes those that there are; one for which there is no room is lost, which is counted and told.</summary>
    /// <exception cref="IOException">The disk fails; nothing is lost, and the next call tries again.</exception>
    public void Write()
    {
        var refused = Take();
        if (refused.Count == 0)
        {
            return;
        }

        try
        {
            if (_file is not { IsOpen: true } || _file.Bytes >= options.FileBytes)
            {
                _file?.Close();
                _file = folders.Create(OutboxFileKind.Refused);
            }

            _file.Append([.. refused.Select(message => RefusedRecord.Of(message.ToRecord(time), message.RefusalReason ?? ""))]);
        }
        catch
        {
            unwritten.ReturnRefused(refused);
            throw;
        }

        _writtenAt = time.GetTimestamp();
        unwritten.EndRefused(refused, isKept: true);
        refused.ForEach(message => lines.RefusedForGood(message.RefusalReason ?? "", _file.Path));
    }

    /// <summary>Closes the file when nothing was written to it for a minute.</summary>
    public void CloseIdle()
    {
        if (_file is not null && time.GetElapsedTime(_writtenAt) >= _idleTime)
        {
            _file.Close();
            _file = null;
        }
    }

    private List<OutboxMessage> Take()
    {
        var taken = unwritten.TakeRefused(MaxMessages);
        var kept = new List<OutboxMessage>();
        var bytes = 0L;
        foreach (var message in taken)
        {
            var needed = message.Value.Length + RecordBytes;
            if (bytes + needed <= folders.Room)
            {
                kept.Add(message);
                bytes += needed;
            }
        }

        if (taken.Except(kept).ToArray() is { Length: > 0 } lost)
        {
            unwritten.EndRefused(lost, isKept: false);
            lines.Dropped("Kafka refused them for good, and there is no room to keep them", lost.Length);
        }

        return kept;
    }
}
