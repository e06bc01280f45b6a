using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Worker;

/// <summary>
/// A file of messages that Kafka refused for good, which nobody else has open. Members block. Not safe for use by several threads.
/// </summary>
public sealed class RefusedFile : IDisposable
{
    private const int MaxRecords = 128;
    private const int ReadBytes = 4 * 1024 * 1024;

    private readonly OutboxFile _file;
    private readonly IOutboxDisk _disk;
    private readonly DiskUsage _usage;
    private readonly TimeProvider _time;
    private readonly HashSet<int> _removed = [];
    private OutboxFileReader _reader;
    private int _read;

    internal RefusedFile(OutboxFile file, IOutboxDisk disk, DiskUsage usage, TimeProvider time)
    {
        _file = file;
        _disk = disk;
        _usage = usage;
        _time = time;
        _reader = new OutboxFileReader(file);
    }

    /// <summary>Gets how many messages were found to be missing so far.</summary>
    public long Missing => _reader.Missing;

    /// <summary>Gets whether damaged places were found so far.</summary>
    public bool IsDamaged => _reader.IsDamaged;

    /// <summary>Gets whether the file, or a message in it, was found to be of another version, which cannot be read.</summary>
    public bool IsUnknown => _reader.IsUnknown;

    /// <summary>Reads the next messages: 128 or 4 MiB of them at the most, and one at least.</summary>
    /// <returns>None at the end.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public IReadOnlyList<RefusedMessage> Read() => [.. ReadRecords().Select(record => new RefusedMessage(record, _read++))];

    /// <summary>Notes that a message is not needed any more; <see cref="Save"/> removes it.</summary>
    /// <param name="message">One that <see cref="Read"/> returned.</param>
    public void Remove(RefusedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        _removed.Add(message.Position);
    }

    /// <summary>
    /// Removes the messages durably: deletes the file, after the rest was written to a new one. A damaged file is renamed in place of being
    /// deleted, one of another version stays. When it throws, messages are in the file that were removed, or the rest is in two files.
    /// </summary>
    /// <exception cref="IOException">The disk fails.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public void Save()
    {
        if (_removed.Count == 0 && !IsDamaged && !(_reader.IsAtEnd && _read == 0))
        {
            return;
        }

        if (!TryWriteRest())
        {
            return;
        }

        if (IsDamaged)
        {
            _disk.Rename(_file.Path, _file.Path + OutboxFileNames.DamagedExtension);
        }
        else
        {
            _disk.Delete(_file.Path);
        }

        _disk.SyncFolder(_file.Folder);
    }

    /// <summary>Lets others open the file.</summary>
    public void Dispose() => _file.Release();

    // False when the file must stay as it is.
    private bool TryWriteRest()
    {
        _reader = new OutboxFileReader(_file);
        OutboxFile? rest = null;
        try
        {
            for (var position = 0; ReadRecords() is { Count: > 0 } records; position += records.Count)
            {
                OutboxRecord[] kept = [.. records.Where((_, i) => !_removed.Contains(position + i))];
                if (kept.Length > 0)
                {
                    rest ??= CreateRest();
                    rest.Append(kept);
                }
            }
        }
        catch
        {
            Delete(rest);
            throw;
        }

        if (IsUnknown)
        {
            Delete(rest);
            return false;
        }

        rest?.Release();
        return true;
    }

    private OutboxFile CreateRest() => OutboxFile.Create(
        Path.Combine(_file.Folder, new OutboxFileNames(_time).NextFile(OutboxFileKind.Refused)), OutboxFileKind.Refused, _disk, _usage);

    private void Delete(OutboxFile? rest)
    {
        rest?.Release();
        try
        {
            if (rest is not null)
            {
                _disk.Delete(rest.Path);
            }
        }
        catch (Exception e) when (OutboxDisk.IsDiskError(e))
        {
            // Its messages are kept twice.
        }
    }

    private IReadOnlyList<OutboxRecord> ReadRecords()
    {
        var records = _reader.Read(MaxRecords, ReadBytes);
        return records.All(record => RecordFormat.TryMeasure(record, out _))
            ? records
            : throw new IOException("It has a message that cannot be written again.");
    }
}
