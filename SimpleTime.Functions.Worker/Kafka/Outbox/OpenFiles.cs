using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// The files that take records now, a backlog and a journal for each destination, and the journals that were closed. Members block. Not safe for
/// use by several threads.
/// </summary>
internal sealed class OpenFiles(OutboxOptions options, OutboxFolders folders, UnwrittenMessages unwritten, OutboxBacklog backlog)
{
    private readonly Dictionary<(OutboxDestination Destination, OutboxFileKind Kind), OutboxFile> _open = [];
    private readonly List<OutboxFile> _journals = [];

    /// <summary>Gets the bytes of all files that it has.</summary>
    public long Bytes => _journals.Concat(_open.Values).Sum(file => file.Bytes);

    /// <summary>Returns the bytes of the backlog file that takes a destination's records.</summary>
    public long BytesOf(OutboxDestination destination) => _open.GetValueOrDefault((destination, OutboxFileKind.Backlog))?.Bytes ?? 0;

    /// <summary>Returns the file for records, a new one when the last one is full or failed.</summary>
    /// <param name="destination">Their destination.</param>
    /// <param name="kind">What they are.</param>
    /// <param name="bytes">About how many bytes they take.</param>
    /// <exception cref="IOException">A new one cannot be created.</exception>
    public OutboxFile Get(OutboxDestination destination, OutboxFileKind kind, long bytes)
    {
        if (_open.TryGetValue((destination, kind), out var file) && (!file.IsOpen || (file.Bytes > 0 && file.Bytes + bytes > options.FileBytes)))
        {
            Close(destination, kind);
            file = null;
        }

        return file ?? (_open[(destination, kind)] = folders.Create(kind));
    }

    /// <summary>Closes the backlog file of a destination, so that it is read back.</summary>
    public void CloseBacklog(OutboxDestination destination) => Close(destination, OutboxFileKind.Backlog);

    /// <summary>Deletes the journals of which no message is outstanding.</summary>
    public void DeleteJournals()
    {
        foreach (var ((destination, kind), file) in _open.ToArray())
        {
            if (kind == OutboxFileKind.Journal && unwritten.CountOutstanding(file) == 0)
            {
                Close(destination, kind);
            }
        }

        foreach (var file in _journals.Where(file => unwritten.CountOutstanding(file) == 0).ToArray())
        {
            _journals.Remove(file);
            folders.Delete(file);
        }
    }

    /// <summary>Closes all files.</summary>
    public void CloseAll()
    {
        foreach (var (destination, kind) in _open.Keys.ToArray())
        {
            Close(destination, kind);
        }
    }

    private void Close(OutboxDestination destination, OutboxFileKind kind)
    {
        if (!_open.Remove((destination, kind), out var file))
        {
            return;
        }

        file.Close();
        if (kind == OutboxFileKind.Backlog)
        {
            backlog.Add(destination, file);
        }
        else
        {
            _journals.Add(file);
        }
    }
}
