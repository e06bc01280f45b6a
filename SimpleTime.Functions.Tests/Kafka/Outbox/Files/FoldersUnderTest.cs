using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Tests.Kafka.Outbox.Files;

/// <summary>The folders of one process on real files, with what they log.</summary>
internal sealed class FoldersUnderTest : IDisposable
{
    private readonly LoggerFactory _loggers;
    private readonly ThrottledLog _throttled = new(TimeProvider.System);
    private bool _isKilled;

    public FoldersUnderTest(string root, IOutboxDisk? disk = null, long maxBytes = 64 * 1024 * 1024)
    {
        _loggers = new LoggerFactory([Log]);
        Folders = new OutboxFolders(
            new OutboxOptions(root, maxBytes), disk ?? Disk, TimeProvider.System, _throttled, _loggers.CreateLogger<OutboxFolders>());
    }

    public FaultyDisk Disk { get; } = new();

    public OutboxFolders Folders { get; }

    public LogLines Log { get; } = new();

    /// <summary>A record that its number tells apart, with headers.</summary>
    public static OutboxRecord Record(int number, int bytes = 100) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(1_760_000_000_000 + number),
        "Brokers",
        "topic",
        new Headers { { "traceparent", Encoding.UTF8.GetBytes($"trace {number}") } },
        Encoding.UTF8.GetBytes(number.ToString("D8", CultureInfo.InvariantCulture).PadRight(bytes, 'x')));

    public static OutboxRecord[] Records(int first, int count) => [.. Enumerable.Range(first, count).Select(number => Record(number))];

    public static int NumberOf(OutboxRecord record) => int.Parse(Encoding.UTF8.GetString(record.Value.Span[..8]), CultureInfo.InvariantCulture);

    /// <summary>Reads all that can be read of a file.</summary>
    public static List<int> Numbers(OutboxFile file) => Numbers(file, out _);

    /// <inheritdoc cref="Numbers(OutboxFile)"/>
    public static List<int> Numbers(OutboxFile file, out OutboxFileReader reader)
    {
        reader = new OutboxFileReader(file);
        return Numbers(reader);
    }

    /// <summary>Reads what is left of a file.</summary>
    public static List<int> Numbers(OutboxFileReader reader)
    {
        var numbers = new List<int>();
        do
        {
            numbers.AddRange(reader.Read(7, 1024 * 1024).Select(NumberOf));
        }
        while (!reader.IsAtEnd);

        return numbers;
    }

    /// <summary>Makes the instance for a file that no process has.</summary>
    public static OutboxFile OfDeadProcess(string path, IOutboxDisk? disk = null) => OutboxFile.OfDeadProcess(
        path, new FileInfo(path).Length, disk ?? new OutboxDisk(), new DiskUsage(new OutboxOptions(path, 1)));

    /// <summary>Creates a file with records, numbered from <paramref name="first"/> on.</summary>
    public OutboxFile CreateWith(int first, int count, OutboxFileKind kind = OutboxFileKind.Backlog)
    {
        var file = Folders.Create(kind);
        file.Append(Records(first, count));
        return file;
    }

    /// <summary>Ends the process without any farewell.</summary>
    public void Kill()
    {
        _isKilled = true;
        Disk.Kill();
    }

    public void Dispose()
    {
        if (!_isKilled)
        {
            Folders.Dispose();
        }

        _throttled.Dispose();
        _loggers.Dispose();
    }
}
