using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Spool;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Spool;

/// <summary>Appending, replaying and the bounds.</summary>
public sealed class EventSpoolTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Path => _folder.Combine("spool");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Records_come_in_order_across_segments_and_an_empty_spool_occupies_nothing()
    {
        await using var test = new SpoolUnderTest(Path);
        var names = SpoolUnderTest.Names(100);
        await test.AppendAsync(names);

        Assert.True(SpoolUnderTest.Segments(Path).Length > 5);
        Assert.False(test.Spool.IsEmpty);
        Assert.Equal(100, test.Spool.Records);
        Assert.Equal(SpoolUnderTest.Segments(Path).Sum(path => new FileInfo(path).Length), test.Spool.Bytes);
        Assert.Equal(names, await test.DrainAsync());
        Assert.Empty(SpoolUnderTest.Segments(Path));

        await test.AppendAsync("one more");
        Assert.Equal(["one more"], await test.DrainAsync());
        Assert.False(test.Log.Any);
    }

    [Fact]
    public async Task Several_peeks_are_out_at_once_and_may_be_completed_in_any_order()
    {
        await using var test = new SpoolUnderTest(Path);
        var names = SpoolUnderTest.Names(50);
        await test.AppendAsync(names);

        var first = test.Peek(20);
        var second = test.Peek(20);
        var third = test.Peek();
        Assert.Equal(names, first.Concat(second).Concat(third).Select(SpoolUnderTest.Text));
        Assert.Empty(test.Peek());

        foreach (var record in third.Concat(first).Concat(second.Reverse()))
        {
            test.Spool.Complete(record);
            test.Spool.Complete(record);
        }

        await Eventually.BecomesTrueAsync(() => test.Spool.IsEmpty);
        Assert.Empty(SpoolUnderTest.Segments(Path));
    }

    [Fact]
    public async Task A_segment_is_deleted_as_soon_as_it_is_completed_and_not_before()
    {
        await using var test = new SpoolUnderTest(Path);
        await test.AppendAsync(SpoolUnderTest.Names(100));
        var segments = SpoolUnderTest.Segments(Path);
        var records = test.Peek();

        var firstSegment = records.Where(record => record.Segment.Path == segments[0]).ToList();
        firstSegment[1..].ForEach(test.Spool.Complete);
        await test.AppendAsync("meanwhile");
        Assert.True(File.Exists(segments[0]));

        test.Spool.Complete(firstSegment[0]);
        await Eventually.BecomesTrueAsync(() => !File.Exists(segments[0]));
        Assert.All(segments[1..], path => Assert.True(File.Exists(path)));
    }

    [Fact]
    public async Task What_is_returned_comes_again_first_and_a_late_completion_still_counts()
    {
        await using var test = new SpoolUnderTest(Path);
        await test.AppendAsync(SpoolUnderTest.Names(10));
        var records = test.Peek(6);

        test.Spool.Return(records[4]);
        test.Spool.Return(records[1]);
        Assert.Equal(["record 00001", "record 00004", "record 00006"], test.Peek(3).Select(SpoolUnderTest.Text));

        test.Spool.Rewind();
        test.Spool.Complete(records[0]);
        Assert.Equal(SpoolUnderTest.Names(10)[1..], await test.DrainAsync());
    }

    [Fact]
    public async Task A_peek_keeps_to_its_bytes_but_gives_at_least_one_record()
    {
        await using var test = new SpoolUnderTest(Path);
        await test.AppendAsync(new string('a', 1000), "b", "c", "d");

        Assert.Single(test.Spool.Peek(10, 10));
        Assert.Equal(["b", "c"], test.Spool.Peek(10, 2).Select(SpoolUnderTest.Text));
        Assert.Equal(["d"], test.Spool.Peek(10, 2).Select(SpoolUnderTest.Text));
    }

    [Fact]
    public async Task A_full_spool_refuses_the_newest_and_never_outgrows_its_bound()
    {
        await using var test = new SpoolUnderTest(SpoolUnderTest.Options(Path) with { MaxBytes = 4096 });
        var taken = 0;
        AppendRefusal refusal;
        while (test.Spool.TryAppend(new byte[50], out refusal))
        {
            taken++;
        }

        Assert.Equal(AppendRefusal.Full, refusal);
        Assert.True(await test.Spool.FlushAsync(SpoolUnderTest.Timeout));
        Assert.InRange(SpoolUnderTest.Segments(Path).Sum(path => new FileInfo(path).Length), 3500, 4096);
        Assert.False(test.TryAppend(new string('x', 300)));

        Assert.Equal(taken, (await test.DrainAsync()).Count);
        await test.AppendAsync("there is room again");
    }

    [Fact]
    public async Task The_queue_is_bounded_while_the_disk_is_slow()
    {
        var disk = new FaultyDisk();
        disk.Gate.Reset();
        await using var test = new SpoolUnderTest(SpoolUnderTest.Options(Path) with { QueueBytes = 1000 }, disk: disk);
        var taken = 0;
        AppendRefusal refusal;
        while (test.Spool.TryAppend(new byte[92], out refusal))
        {
            taken++;
        }

        Assert.Equal(AppendRefusal.QueueFull, refusal);
        Assert.Equal(10, taken);
        Assert.False(await test.Spool.FlushAsync(TimeSpan.FromMilliseconds(50)));

        disk.Gate.Set();
        Assert.True(await test.Spool.FlushAsync(SpoolUnderTest.Timeout));
        Assert.Equal(10, test.Peek().Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4097)]
    public async Task A_record_of_an_impossible_size_is_refused(int size)
    {
        await using var test = new SpoolUnderTest(Path);
        Assert.False(test.Spool.TryAppend(new byte[size], out var refusal));
        Assert.Equal(AppendRefusal.WrongSize, refusal);
        await test.AppendAsync(new string('x', 4096));
        Assert.Equal(4096, Assert.Single(await test.DrainAsync()).Length);
    }

    [Fact]
    public async Task What_was_written_is_synced_within_the_interval_without_a_flush()
    {
        var disk = new FaultyDisk();
        var interval = TimeSpan.FromSeconds(1);
        await using var test = new SpoolUnderTest(
            SpoolUnderTest.Options(Path) with { SegmentBytes = 65536, FsyncInterval = interval }, disk: disk);
        for (var i = 0; i < 60; i++)
        {
            Assert.True(test.TryAppend("event"));
            await Task.Delay(25);
        }

        await Eventually.BecomesTrueAsync(() => disk.Writes.Last().Timestamp < disk.Syncs.Last());
        var syncs = disk.Syncs.ToArray();
        foreach (var (_, written) in disk.Writes.Where(write => write.Name != "probe"))
        {
            Assert.InRange(Stopwatch.GetElapsedTime(written, syncs.First(sync => sync > written)), TimeSpan.Zero, interval * 3);
        }

        Assert.InRange(syncs.Length, 2, 15);
    }

    [Fact]
    public async Task A_spool_that_does_not_run_refuses()
    {
        var test = new SpoolUnderTest(Path);
        await test.DisposeAsync();
        await test.DisposeAsync();
        Assert.False(test.Spool.TryAppend(new byte[1], out var refusal));
        Assert.Equal(AppendRefusal.Unusable, refusal);
        Assert.False(test.Spool.IsUsable);
        Assert.True(await test.Spool.FlushAsync(TimeSpan.Zero));
        Assert.False(test.Log.Any);
    }
}
