using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox.Files;

/// <summary>Several processes on one root. Locks exclude within a process as between two (see the test with flock(1)).</summary>
public sealed class OutboxFoldersTests : IDisposable
{
    private const int Mebibyte = 1024 * 1024;

    private readonly TempFolder _folder = new();
    private readonly List<FoldersUnderTest> _processes = [];

    private string Root => _folder.Combine("deep/outbox/");

    public void Dispose()
    {
        _processes.ForEach(process => process.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public void No_two_processes_share_a_folder()
    {
        var files = Enumerable.Range(0, 3).Select(i => Start().CreateWith(i, 1)).ToArray();

        Assert.Equal(3, files.Select(FolderOf).Distinct().Count());
        Assert.All(_processes, process => Assert.Empty(process.Folders.FindLeft()));
    }

    [Fact]
    public void A_process_that_ends_leaves_nothing_empty()
    {
        var process = Start();
        process.Folders.Create(OutboxFileKind.Backlog);
        var file = process.CreateWith(1, 1);
        process.Folders.Delete(file);
        process.Folders.Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(Root));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_a_dead_process_left_is_found_once_and_replayed_where_it_lies(bool isKilled)
    {
        var dead = Start();
        string[] paths =
        [
            dead.CreateWith(1, 10).Path, dead.CreateWith(11, 10, OutboxFileKind.Journal).Path, dead.CreateWith(21, 10).Path,
        ];
        var next = Start();
        Assert.Empty(next.Folders.FindLeft());
        End(dead, isKilled);

        var left = next.Folders.FindLeft();

        Assert.Equal(paths, left.Select(file => file.Path));
        Assert.All(left, file => Assert.Equal((OutboxFileKind.Backlog, false, 0), (file.Kind, file.IsOpen, file.Records)));
        Assert.Equal(Enumerable.Range(1, 30), left.SelectMany(FoldersUnderTest.Numbers));
        Assert.Empty(next.Folders.FindLeft());
        Assert.Empty(Start().Folders.FindLeft());
        Assert.All(left, next.Folders.Delete);
        Assert.False(Directory.Exists(System.IO.Path.GetDirectoryName(paths[0])));
        Assert.Equal(0, next.Folders.Bytes);
        Assert.Equal(1, next.Log.Count("3 files that a process left"));
    }

    [Fact]
    public void The_files_of_several_dead_processes_come_oldest_first()
    {
        var first = Start();
        var second = Start();
        first.CreateWith(1, 1);
        WaitForTheNextMillisecond();
        second.CreateWith(2, 1);
        WaitForTheNextMillisecond();
        first.CreateWith(3, 1);
        first.Kill();
        second.Kill();

        Assert.Equal([1, 2, 3], Start().Folders.FindLeft().SelectMany(FoldersUnderTest.Numbers));
    }

    [Fact]
    public void The_folder_of_a_process_that_died_before_it_wrote_is_deleted()
    {
        var dead = Start();
        dead.Folders.Open();
        dead.Kill();
        Directory.CreateDirectory(System.IO.Path.Combine(Root, "process-before-its-lock"));

        Assert.Empty(Start().Folders.FindLeft());

        Assert.Empty(Directory.GetDirectories(Root));
    }

    [Fact]
    public void A_folder_that_lost_its_lock_is_found()
    {
        var dead = Start();
        var folder = FolderOf(dead.CreateWith(1, 5));
        dead.Kill();
        File.Delete(System.IO.Path.Combine(folder, "lock"));

        Assert.Equal(Enumerable.Range(1, 5), Start().Folders.FindLeft().SelectMany(FoldersUnderTest.Numbers));
    }

    [Theory]
    [InlineData("--shared")]
    [InlineData("--exclusive")]
    public async Task The_lock_excludes_other_processes(string option)
    {
        var dead = Start();
        var folder = FolderOf(dead.CreateWith(1, 5));
        Assert.Equal(1, await TryFlockAsync(folder, option));
        dead.Kill();
        Assert.Equal(0, await TryFlockAsync(folder, option));
        var next = Start();
        Assert.Single(next.Folders.FindLeft());
        Assert.Equal(1, await TryFlockAsync(folder, option));
    }

    [Fact]
    public void A_lock_on_a_file_that_another_process_has_just_deleted_is_none()
    {
        var process = Start();
        process.Disk.OnLocked = path =>
        {
            process.Disk.OnLocked = null;
            Directory.Delete(System.IO.Path.GetDirectoryName(path)!, recursive: true);
        };
        var file = process.CreateWith(1, 5);

        Assert.Equal([System.IO.Path.GetFileName(file.Path), "lock"], Names(FolderOf(file)).Reverse());
        Assert.Single(Directory.GetDirectories(Root));
    }

    [Fact]
    public void A_damaged_file_that_somebody_deleted_is_told_and_forgotten()
    {
        var dead = Start();
        var path = dead.CreateWith(1, 5).Path;
        dead.Kill();
        var next = Start();
        var left = Assert.Single(next.Folders.FindLeft());
        Assert.Equal(5, FoldersUnderTest.Numbers(left).Count);
        File.Delete(path);
        next.Folders.KeepDamaged(left, 1);

        Assert.Equal(1, next.Log.Count($"{path} was deleted or renamed by somebody else"));
        Assert.False(Directory.Exists(System.IO.Path.GetDirectoryName(path)));
    }

    [Fact]
    public void A_damaged_file_is_kept_and_told_and_no_reason_to_hold_its_folder()
    {
        var dead = Start();
        var file = dead.CreateWith(1, 5);
        dead.Kill();
        var next = Start();
        next.Folders.KeepDamaged(Assert.Single(next.Folders.FindLeft()), 2);

        Assert.Equal(["lock", System.IO.Path.GetFileName(file.Path) + ".damaged"], Names(FolderOf(file)));
        Assert.Equal(file.Bytes, next.Folders.Bytes);
        Assert.Equal(1, next.Log.Count($"{file.Path} is damaged: 2 messages of it are missing."));
        Assert.Empty(next.Folders.FindLeft());
        using var free = new OutboxDisk().TryLock(System.IO.Path.Combine(FolderOf(file), "lock"), FileMode.OpenOrCreate);
        Assert.NotNull(free);
    }

    [Fact]
    public void A_file_of_another_version_is_left_alone_and_told()
    {
        var dead = Start();
        var file = dead.CreateWith(1, 5);
        dead.CreateWith(6, 5);
        dead.Kill();
        using (var stream = new FileStream(file.Path, FileMode.Open, FileAccess.ReadWrite))
        {
            stream.Position = 7;
            stream.WriteByte(2);
        }

        var before = File.ReadAllBytes(file.Path);
        var next = Start();
        foreach (var left in next.Folders.FindLeft())
        {
            FoldersUnderTest.Numbers(left, out var reader);
            (reader.IsUnknown ? (Action<OutboxFile>)next.Folders.LeaveUnknown : next.Folders.Delete)(left);
        }

        Assert.Equal(["lock", System.IO.Path.GetFileName(file.Path)], Names(FolderOf(file)));
        Assert.Equal(before, File.ReadAllBytes(file.Path));
        Assert.Equal(1, next.Log.Count($"{file.Path} is of another version"));
        Assert.Empty(next.Folders.FindLeft());
        using var free = new OutboxDisk().TryLock(System.IO.Path.Combine(FolderOf(file), "lock"), FileMode.OpenOrCreate);
        Assert.NotNull(free);
    }

    [Fact]
    public void A_folder_that_cannot_be_read_is_told_once_and_tried_again()
    {
        var dead = Start();
        var folder = FolderOf(dead.CreateWith(1, 5));
        dead.Kill();
        var notAFile = System.IO.Path.Combine(folder, "lock");
        File.Delete(notAFile);
        Directory.CreateDirectory(notAFile);
        var next = Start();
        for (var i = 0; i < 3; i++)
        {
            Assert.Empty(next.Folders.FindLeft());
        }

        Assert.Equal(1, next.Log.Count($"What a process left in {folder} cannot be read"));
        Directory.Delete(notAFile);
        Assert.Equal(Enumerable.Range(1, 5), next.Folders.FindLeft().SelectMany(FoldersUnderTest.Numbers));
    }

    [Fact]
    public void A_file_that_cannot_be_deleted_is_told_once_and_deleted_later()
    {
        var process = Start();
        var file = process.CreateWith(1, 5);
        process.Disk.Fails = member => member == nameof(FaultyDisk.Delete);
        process.Folders.Delete(file);
        process.Folders.Delete(file);
        process.Folders.Check();
        process.Folders.Check();
        Assert.True(File.Exists(file.Path));
        Assert.Equal(file.Bytes, process.Folders.Bytes);
        Assert.Equal(1, process.Log.Count($"{file.Path} cannot be deleted"));

        process.Disk.Fails = null;
        process.Folders.Check();

        Assert.False(File.Exists(file.Path));
        Assert.Equal(0, process.Folders.Bytes);
    }

    [Fact]
    public void A_dead_processs_file_that_somebody_deleted_is_told_and_forgotten()
    {
        var dead = Start();
        var path = dead.CreateWith(1, 5).Path;
        dead.Kill();
        var next = Start();
        var left = Assert.Single(next.Folders.FindLeft());
        File.Delete(path);

        Assert.Empty(FoldersUnderTest.Numbers(left, out var reader));
        Assert.True(reader.IsAtEnd);
        next.Folders.Delete(left);

        Assert.Equal(1, next.Log.Count($"{path} was deleted or renamed by somebody else"));
        Assert.False(Directory.Exists(System.IO.Path.GetDirectoryName(path)));
    }

    [Fact]
    public void What_others_left_takes_no_room_from_what_this_process_may_always_write()
    {
        var dead = Start();
        var large = System.IO.Path.Combine(FolderOf(dead.CreateWith(1, 1)), "1.backlog.damaged");
        using (var file = new FileStream(large, FileMode.CreateNew))
        {
            file.SetLength(60 * Mebibyte);
        }

        dead.Kill();
        var process = Start(64 * Mebibyte);
        process.Folders.FindLeft();
        Assert.InRange(process.Folders.Bytes, 60 * Mebibyte, 61 * Mebibyte);
        Assert.Equal(32 * Mebibyte, process.Folders.Room);
        var own = process.CreateWith(1, 10);
        Assert.Equal((32 * Mebibyte) - own.Bytes, process.Folders.Room);

        File.Delete(large);
        process.Folders.FindLeft();

        Assert.InRange(process.Folders.Room, 60 * Mebibyte, (64 * Mebibyte) - 1);
    }

    [Fact]
    public void Refused_messages_of_all_processes_are_in_one_folder()
    {
        var first = Start();
        var second = Start();
        var files = Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? first : second).CreateWith(i, 1, OutboxFileKind.Refused)).ToArray();
        first.Kill();

        Assert.All(files, file => Assert.Equal(System.IO.Path.Combine(Root, "refused"), FolderOf(file)));
        Assert.Equal(6, Directory.GetFiles(System.IO.Path.Combine(Root, "refused"), "*.refused").Length);
        second.Folders.Dispose();
        Assert.Empty(Start().Folders.FindLeft());
        Assert.Equal(6, Directory.GetFiles(System.IO.Path.Combine(Root, "refused")).Length);
    }

    [Fact]
    public void A_closed_file_of_refused_messages_may_be_deleted_by_others_and_counts_until_then()
    {
        var process = Start(1024);
        var file = process.CreateWith(1, 3, OutboxFileKind.Refused);
        file.Close();
        process.Folders.Check();
        process.Folders.FindLeft();
        Assert.Equal(file.Bytes, process.Folders.Bytes);
        Assert.InRange(process.Folders.Room, 0, 1024 - file.Bytes);

        File.Delete(file.Path);
        process.Folders.Check();
        process.Folders.FindLeft();

        Assert.Equal(0, process.Folders.Bytes);
        Assert.True(process.Folders.Room >= 1024);
        Assert.Empty(Directory.GetFiles(System.IO.Path.Combine(Root, "refused")));
    }

    private static string FolderOf(OutboxFile file) => System.IO.Path.GetDirectoryName(file.Path)!;

    private static string[] Names(string folder) =>
        [.. Directory.GetFileSystemEntries(folder).Select(path => System.IO.Path.GetFileName(path)!).OrderByDescending(name => name, StringComparer.Ordinal)];

    private static void WaitForTheNextMillisecond()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        SpinWait.SpinUntil(() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() > now);
    }

    private static async Task<int> TryFlockAsync(string folder, string option)
    {
        using var flock = Forks.Start(new ProcessStartInfo("flock", [option, "--nonblock", System.IO.Path.Combine(folder, "lock"), "true"]));
        await flock.WaitForExitAsync().WaitAsync(Eventually.DefaultDeadline);
        return flock.ExitCode;
    }

    private static void End(FoldersUnderTest process, bool isKilled)
    {
        if (isKilled)
        {
            process.Kill();
        }
        else
        {
            process.Folders.Dispose();
        }
    }

    private FoldersUnderTest Start(long maxBytes = 64 * Mebibyte)
    {
        var process = new FoldersUnderTest(Root, maxBytes: maxBytes);
        _processes.Add(process);
        return process;
    }
}
