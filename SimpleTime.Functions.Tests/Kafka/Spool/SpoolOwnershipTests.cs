using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Spool;

/// <summary>Several processes on one path. Locks exclude within a process as between two (see the test with flock(1)).</summary>
public sealed class SpoolOwnershipTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Path => _folder.Combine("spool");

    private string Instance1 => System.IO.Path.Combine(Path, "instance-1");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_process_has_a_folder_of_its_own()
    {
        await using var first = new SpoolUnderTest(Path);
        await first.AppendAsync("first");
        await using var second = new SpoolUnderTest(Path);
        await second.AppendAsync("second");
        await using var third = new SpoolUnderTest(Path);
        await third.AppendAsync("third");

        Assert.Equal(Path, first.Spool.Folder);
        Assert.Equal(Instance1, second.Spool.Folder);
        Assert.Equal(System.IO.Path.Combine(Path, "instance-2"), third.Spool.Folder);
        Assert.Equal(["first"], await first.DrainAsync());
        Assert.Equal(["second"], await second.DrainAsync());
        Assert.Equal(["third"], await third.DrainAsync());
    }

    [Fact]
    public async Task A_stopped_process_leaves_no_empty_subfolder()
    {
        await using var first = new SpoolUnderTest(Path);
        await first.AppendAsync("first");
        var second = new SpoolUnderTest(Path);
        await second.AppendAsync("second");
        Assert.True(Directory.Exists(Instance1));
        await second.DrainAsync();
        await second.DisposeAsync();
        Assert.False(Directory.Exists(Instance1));
    }

    [Fact]
    public async Task A_start_adopts_the_subfolders_that_nobody_owns_oldest_first()
    {
        var names = SpoolUnderTest.Names(60);
        var root = new SpoolUnderTest(Path);
        await root.AppendAsync(names[..20]);
        var other = new SpoolUnderTest(Path);
        await other.AppendAsync(names[20..40]);
        await Task.Delay(5);
        await other.DisposeAsync();
        await root.AppendAsync(names[40..]);
        await root.DisposeAsync();

        await using var next = new SpoolUnderTest(Path);
        await Eventually.EqualsAsync(60, () => next.Spool.Records);
        var replayed = await next.DrainAsync();
        Assert.Equal(names.Order(), replayed.Order());
        Assert.Equal(names[..15], replayed[..15]);
        Assert.Equal(names[^5..], replayed[^5..]);
        Assert.False(Directory.Exists(Instance1));
        Assert.Single(next.Log.Of(103));
    }

    [Fact]
    public async Task A_folder_is_adopted_while_running_when_its_owner_goes_and_counts_against_the_bound()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(1));
        var root = new SpoolUnderTest(Path);
        await root.AppendAsync("from the root");
        var second = new SpoolUnderTest(Path);
        await second.AppendAsync("from the second");
        await using var third = new SpoolUnderTest(SpoolUnderTest.Options(Path), time);
        await third.AppendAsync("own");
        Assert.Equal(1, third.Spool.Records);
        var own = third.Spool.Bytes;

        await root.DisposeAsync();
        await second.DisposeAsync();
        Assert.Equal(1, third.Spool.Records);
        time.Advance(TimeSpan.FromSeconds(11));
        await Eventually.EqualsAsync(3, () => third.Spool.Records);
        Assert.True(third.Spool.Bytes > own);

        Assert.Equal(["from the root", "from the second", "own"], await third.DrainAsync());
        await Eventually.BecomesTrueAsync(() => !Directory.Exists(Instance1));

        // The emptied root is free for another.
        await Eventually.EqualsAsync(Path, async () =>
        {
            await using var next = new SpoolUnderTest(Path);
            await next.AppendAsync("next");
            await next.DrainAsync();
            return next.Spool.Folder;
        });
    }

    [Fact]
    public async Task The_lock_holds_against_a_process_and_ends_when_that_is_killed()
    {
        await using (var spool = new SpoolUnderTest(Path))
        {
            await spool.AppendAsync("left behind");
            Assert.Equal(1, await (await FlockAsync("-n")).WaitForExitAsync(SpoolUnderTest.Timeout));
        }

        await using var holder = await FlockAsync("-x");
        await holder.WaitForOutputAsync(lines => lines.FirstOrDefault(line => line == "held"), "the lock", SpoolUnderTest.Timeout);
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var next = new SpoolUnderTest(SpoolUnderTest.Options(Path), time);
        await next.AppendAsync("new");
        Assert.Equal(Instance1, next.Spool.Folder);
        Assert.Equal(1, next.Spool.Records);

        holder.Send(Signals.Kill);
        await holder.WaitForExitAsync(SpoolUnderTest.Timeout);
        await Eventually.BecomesTrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(11));
            return next.Spool.Records == 2;
        });
        Assert.Equal(["left behind", "new"], await next.DrainAsync());
    }

    // With --no-fork the process that is killed is the one that has the lock.
    private Task<ChildProcess> FlockAsync(string option) =>
        Task.FromResult(ChildProcess.Start(new ProcessStartInfo(
            "flock", [option, "--no-fork", System.IO.Path.Combine(Path, "lock"), "sh", "-c", "echo held; exec sleep 60"])));
}
