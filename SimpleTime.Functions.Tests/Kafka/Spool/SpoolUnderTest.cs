using System.Collections.Concurrent;
using System.Text;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Spool;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Spool;

/// <summary>A started spool on real files, with what it logs and what it could not write.</summary>
internal sealed class SpoolUnderTest : IAsyncDisposable
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    public SpoolUnderTest(SpoolOptions options, TimeProvider? time = null, ISpoolDisk? disk = null)
    {
        time ??= TimeProvider.System;
        Spool = new EventSpool(options, (lost, _) => Keep(lost), time, new ThrottledLog(time), Log, disk);
        Spool.Start();
    }

    public SpoolUnderTest(string path)
        : this(Options(path))
    {
    }

    public EventSpool Spool { get; }

    public LogLines<EventSpool> Log { get; } = new();

    public ConcurrentQueue<string> NotSpooled { get; } = new();

    /// <summary>Small segments, so that a few records make several.</summary>
    public static SpoolOptions Options(string path) => new(path, 1024 * 1024) { SegmentBytes = 256, MaxRecordBytes = 4096 };

    public static string[] Names(int count, string prefix = "record") => [.. Enumerable.Range(0, count).Select(i => $"{prefix} {i:D5}")];

    public static string Text(SpooledRecord record) => Encoding.UTF8.GetString(record.Payload);

    public static string[] Segments(string folder) => [.. Directory.GetFiles(folder, "*.spool", SearchOption.AllDirectories).Order()];

    public bool TryAppend(string text) => Spool.TryAppend(Encoding.UTF8.GetBytes(text), out _);

    /// <summary>Appends records and waits until they are on the disk.</summary>
    public async Task AppendAsync(params IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            Assert.True(Spool.TryAppend(Encoding.UTF8.GetBytes(text), out var refusal), $"{text}: {refusal}");
        }

        Assert.True(await Spool.FlushAsync(Timeout));
    }

    public IReadOnlyList<SpooledRecord> Peek(int maxRecords = int.MaxValue) => Spool.Peek(maxRecords, int.MaxValue);

    /// <summary>Completes records until the spool is empty, and tells them in their order.</summary>
    public async Task<List<string>> DrainAsync()
    {
        var texts = new List<string>();
        await Support.Eventually.BecomesTrueAsync(() =>
        {
            foreach (var record in Peek(7))
            {
                texts.Add(Text(record));
                Spool.Complete(record);
            }

            return Spool.IsEmpty;
        });
        Assert.Equal(0, Spool.Records);
        Assert.Equal(0, Spool.Bytes);
        return texts;
    }

    public ValueTask DisposeAsync() => Spool.DisposeAsync();

    private void Keep(IReadOnlyList<ReadOnlyMemory<byte>> lost)
    {
        foreach (var payload in lost)
        {
            NotSpooled.Enqueue(Encoding.UTF8.GetString(payload.Span));
        }
    }
}
