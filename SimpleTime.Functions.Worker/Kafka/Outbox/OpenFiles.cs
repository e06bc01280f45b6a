using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// The files that take records now, a backlog and a journal for each destination, and all journals. Members block. Not safe for use by several
/// threads.
/// </summary>
internal sealed class OpenFiles(OutboxOptions options, OutboxFolders folders, UnwrittenMessages unwritten, OutboxBacklog backlog)
{
    private readonly Dictionary<OutboxDestination, OutboxFile> _openBacklogs = [];
    private readonly Dictionary<OutboxDestination, OutboxFile> _openJournals = [];
    private readonly List<OutboxFile> _journals = [];

    /// <summary>Gets the bytes of all journals.</summary>
    public long JournalBytes => _journals.Sum(file => file.Bytes);

    /// <summary>Returns the file for records, a new one when the last one is full or failed.</summary>
    /// <param name="destination">Their destination.</param>
    /// <param name="kind">What they are.</param>
    /// <param name="bytes">About how many bytes they take.</param>
    /// <exception cref="IOException">A new one cannot be created.</exception>
    public OutboxFile Get(OutboxDestination destination, OutboxFileKind kind, long bytes)
    {
        var open = kind == OutboxFileKind.Backlog ? _openBacklogs : _openJournals;
        if (open.TryGetValue(destination, out var file))
        {
            if (file.IsOpen && (file.Bytes == 0 || file.Bytes + bytes <= options.FileBytes))
            {
                return file;
            }

            file.Close();
        }

        open[destination] = file = folders.Create(kind);
        if (kind == OutboxFileKind.Backlog)
        {
            backlog.Add(destination, file);
        }
        else
        {
            _journals.Add(file);
        }

        return file;
    }

    /// <summary>Closes the files of which no message is outstanding, and deletes such journals.</summary>
    public void CloseFinished()
    {
        Close(isFinished: true);
        foreach (var file in _journals.Where(file => !file.IsOpen && unwritten.CountOutstanding(file) == 0).ToArray())
        {
            _journals.Remove(file);
            folders.Delete(file);
        }
    }

    /// <summary>Closes all files.</summary>
    public void CloseAll() => Close(isFinished: false);

    private void Close(bool isFinished)
    {
        foreach (var open in new[] { _openBacklogs, _openJournals })
        {
            foreach (var (destination, file) in open)
            {
                if (!isFinished || unwritten.CountOutstanding(file) == 0)
                {
                    file.Close();
                    open.Remove(destination);
                }
            }
        }
    }
}
