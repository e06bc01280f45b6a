using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Spool;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Spool;

/// <summary>A folder that cannot be used, and a disk that fails.</summary>
public sealed class SpoolFaultTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly FaultyDisk _disk = new();

    private string Path => _folder.Combine("spool");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_path_that_is_no_folder_is_one_line_and_is_used_once_it_is_one()
    {
        await File.WriteAllTextAsync(Path, "a file");
        await using var test = new SpoolUnderTest(SpoolUnderTest.Options(Path), _time);
        await Eventually.BecomesTrueAsync(() => !test.Spool.IsUsable);
        Assert.False(test.Spool.TryAppend(new byte[1], out var refusal));
        Assert.Equal(AppendRefusal.Unusable, refusal);
        await Eventually.BecomesTrueAsync(() => test.Spool.IsEmpty);
        Assert.Empty(test.Peek());

        for (var i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(31));
            await Task.Delay(20);
        }

        Assert.Contains("EVENT_SPOOL_PATH " + Path, Assert.Single(test.Log.Of(100)), StringComparison.Ordinal);

        File.Delete(Path);
        await Eventually.BecomesTrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(31));
            return test.Spool.IsUsable;
        });
        await Eventually.EqualsAsync(1, () => test.Log.Of(101).Count);
        await test.AppendAsync("now");
        Assert.Equal(["now"], await test.DrainAsync());
        Assert.Single(test.Log.Of(100));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("/proc/no/such/folder")]
    public async Task No_text_for_a_path_makes_it_throw(string path)
    {
        await using var test = new SpoolUnderTest(SpoolUnderTest.Options(path));
        await Eventually.EqualsAsync(1, () => test.Log.Of(100).Count);
        Assert.False(test.Spool.IsUsable);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    public async Task A_failed_write_is_reported_and_harms_nothing_before_or_after_it(int room)
    {
        await using var test = new SpoolUnderTest(SpoolUnderTest.Options(Path) with { SegmentBytes = 65536 }, _time, _disk);
        await test.AppendAsync("before");

        _disk.Gate.Reset();
        _disk.FullAfterBytes = room;
        Assert.True(test.TryAppend("lost"));
        var flushed = test.Spool.FlushAsync(SpoolUnderTest.Timeout);
        _disk.Gate.Set();
        Assert.False(await flushed);
        await Eventually.EqualsAsync("lost", () => string.Join(',', test.NotSpooled));
        Assert.False(test.Spool.IsUsable);
        Assert.False(test.TryAppend("refused"));
        Assert.Contains("1 events", Assert.Single(test.Log.Of(102)), StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromSeconds(2));
        await Task.Delay(50);
        Assert.False(test.Spool.IsUsable);

        _disk.FullAfterBytes = null;
        await UsableAsync(test);
        await test.AppendAsync("after");
        Assert.Equal(["before", "after"], test.Peek().Select(SpoolUnderTest.Text));
        Assert.Single(test.Log.Of(102));
        Assert.Single(test.Log.Of(101));

        await test.DisposeAsync();
        await using var next = new SpoolUnderTest(Path);
        Assert.Equal(["before", "after"], await DrainedAsync(next, 2));
        Assert.Empty(next.Log.Of(104));
    }

    [Fact]
    public async Task Records_that_wait_behind_a_failed_write_are_reported_too()
    {
        _disk.Gate.Reset();
        await using var test = new SpoolUnderTest(SpoolUnderTest.Options(Path), _time, _disk);
        var names = SpoolUnderTest.Names(20);
        Assert.All(names, name => Assert.True(test.TryAppend(name)));
        _disk.FullAfterBytes = 0;
        _disk.Gate.Set();

        await Eventually.EqualsAsync(20, () => test.NotSpooled.Count);
        Assert.Equal(names, test.NotSpooled);
        await Eventually.BecomesTrueAsync(() => test.Spool.IsEmpty);
        Assert.Equal(0, test.Spool.Bytes);
        Assert.Empty(SpoolUnderTest.Segments(Path));
    }

    [Fact]
    public async Task A_failed_sync_fails_the_flush_and_the_spool_goes_on_in_a_new_segment()
    {
        await using var test = new SpoolUnderTest(SpoolUnderTest.Options(Path) with { SegmentBytes = 65536 }, _time, _disk);
        await test.AppendAsync("before");
        _disk.FailsSync = true;
        Assert.True(test.TryAppend("perhaps"));
        Assert.False(await test.Spool.FlushAsync(SpoolUnderTest.Timeout));

        _disk.FailsSync = false;
        await UsableAsync(test);
        Assert.True(test.TryAppend("after"));
        // What could not be synced once is not known to be synced ever.
        Assert.False(await test.Spool.FlushAsync(SpoolUnderTest.Timeout));
        Assert.Equal(2, SpoolUnderTest.Segments(Path).Length);
        Assert.Equal(["before", "perhaps", "after"], await test.DrainAsync());
        Assert.Empty(test.NotSpooled);
        Assert.True(await test.Spool.FlushAsync(SpoolUnderTest.Timeout));
    }

    [Fact]
    public async Task A_segment_that_cannot_be_read_is_left_and_the_others_are_replayed()
    {
        await using var test = new SpoolUnderTest(Path);
        await test.AppendAsync(SpoolUnderTest.Names(30));
        File.Delete(SpoolUnderTest.Segments(Path)[0]);
        var replayed = await test.DrainAsync();
        Assert.Equal(SpoolUnderTest.Names(30)[^replayed.Count..], replayed);
        Assert.Single(test.Log.Of(106));
    }

    [Fact]
    public async Task What_cannot_be_written_at_the_stop_is_reported()
    {
        var test = new SpoolUnderTest(SpoolUnderTest.Options(Path), _time, _disk);
        await test.AppendAsync("before");
        _disk.Gate.Reset();
        Assert.True(test.TryAppend("late"));
        var stopped = test.DisposeAsync();
        _disk.FullAfterBytes = 3;
        _disk.Gate.Set();
        await stopped;
        Assert.Equal(["late"], test.NotSpooled);
    }

    private static async Task<List<string>> DrainedAsync(SpoolUnderTest test, int count)
    {
        await Eventually.EqualsAsync(count, () => test.Spool.Records);
        return await test.DrainAsync();
    }

    private Task UsableAsync(SpoolUnderTest test) =>
        Eventually.BecomesTrueAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return test.Spool.IsUsable;
        });
}
