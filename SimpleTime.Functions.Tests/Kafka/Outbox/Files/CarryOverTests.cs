using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox.Files;

/// <summary>Somebody else deletes or renames what the process uses, as a cleaner of /tmp does.</summary>
public sealed class CarryOverTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FoldersUnderTest _process;
    private readonly FoldersUnderTest _other;
    private readonly OutboxFile _backlog;
    private readonly OutboxFile _journal;
    private readonly OutboxFile _refused;

    public CarryOverTests()
    {
        _process = new FoldersUnderTest(Root);
        _other = new FoldersUnderTest(Root);
        _backlog = _process.CreateWith(0, 1000);
        _journal = _process.CreateWith(1000, 10, OutboxFileKind.Journal);
        _journal.Close();
        _refused = _process.CreateWith(2000, 10, OutboxFileKind.Refused);
    }

    private string Root => _folder.Combine("outbox");

    private string Folder => Path.GetDirectoryName(_backlog.Path)!;

    private string LockFile => Path.Combine(Folder, "lock");

    public void Dispose()
    {
        _process.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("a file is deleted")]
    [InlineData("a file is renamed")]
    [InlineData("the refused file is deleted")]
    [InlineData("the lock is deleted")]
    [InlineData("the lock is renamed")]
    [InlineData("the folder is deleted")]
    [InlineData("the folder is renamed")]
    [InlineData("the folder is replaced")]
    [InlineData("the root is deleted")]
    [InlineData("the root is renamed")]
    public void Nothing_is_lost_and_nothing_sent_twice_when(string somethingHappens)
    {
        var reader = new OutboxFileReader(_backlog);
        var numbers = reader.Read(500, int.MaxValue).Select(FoldersUnderTest.NumberOf).ToList();
        var bytes = _process.Folders.Bytes;
        Do(somethingHappens);
        _backlog.Append([FoldersUnderTest.Record(5000)]);
        _process.Folders.Check();
        _backlog.Append([FoldersUnderTest.Record(5001)]);
        _process.Folders.Check();

        numbers.AddRange(FoldersUnderTest.Numbers(reader));
        int[] all = [.. Enumerable.Range(0, 1000), 5000, 5001];
        Assert.Equal(all, numbers);
        Assert.Equal((0, false), (reader.Missing, reader.IsDamaged));
        Assert.Equal(somethingHappens == "nothing" ? 0 : 1, _process.Log.Count("were carried over"));
        Assert.True(_process.Folders.Bytes > bytes);
        _process.Folders.FindLeft();
        Assert.Equal(_backlog.Bytes + _journal.Bytes + _refused.Bytes, _process.Folders.Bytes);

        // Whatever somebody moved away is empty now.
        Assert.Empty(_other.Folders.FindLeft().SelectMany(FoldersUnderTest.Numbers));
        Assert.Equal(Enumerable.Range(2000, 10), FoldersUnderTest.Numbers(FoldersUnderTest.OfDeadProcess(_refused.Path)));
        _process.Kill();
        Assert.Equal([.. all[..1000], .. Enumerable.Range(1000, 10), 5000, 5001], _other.Folders.FindLeft().SelectMany(FoldersUnderTest.Numbers).Order());
    }

    [Theory]
    [InlineData(nameof(FaultyDisk.CreateFolder))]
    [InlineData(nameof(FaultyDisk.TryLock))]
    [InlineData(nameof(FaultyDisk.Create))]
    [InlineData(nameof(FaultyDisk.Read))]
    [InlineData(nameof(FaultyDisk.Write))]
    [InlineData(nameof(FaultyDisk.Sync))]
    [InlineData(nameof(FaultyDisk.SyncFolder))]
    public void What_cannot_be_carried_over_is_told_once_and_tried_again(string failing)
    {
        var calls = 0;
        Directory.Delete(Folder, recursive: true);
        _process.Disk.Fails = member => member == failing;
        _process.Folders.Check();
        _process.Folders.Check();

        // Then one thing after the other works.
        _process.Disk.Fails = member => member == failing && calls++ % 3 != 2;
        for (var i = 0; i < 20; i++)
        {
            _process.Folders.Check();
        }

        Assert.Equal(1, _process.Log.Count("cannot be carried over yet"));
        _process.Disk.Fails = null;
        _process.Folders.Check();
        Assert.Equal(new[] { LockFile, _backlog.Path, _journal.Path }.Order(), Directory.GetFileSystemEntries(Folder).Order());
        _process.Kill();
        Assert.Equal(Enumerable.Range(0, 1010), _other.Folders.FindLeft().SelectMany(FoldersUnderTest.Numbers).Order());
    }

    [Fact]
    public void Another_process_that_takes_the_folder_first_takes_nothing_away()
    {
        var old = Folder;
        File.Delete(LockFile);
        var taken = _other.Folders.FindLeft();
        Assert.Equal(2, taken.Count);
        var numbers = new OutboxFileReader(taken[0]).Read(500, int.MaxValue).Select(FoldersUnderTest.NumberOf).ToList();

        _process.Folders.Check();

        Assert.NotEqual(old, Folder);
        Assert.Equal(Enumerable.Range(0, 1000), FoldersUnderTest.Numbers(_backlog));
        Assert.Equal(Enumerable.Range(1000, 10), FoldersUnderTest.Numbers(_journal));
        foreach (var file in taken)
        {
            FoldersUnderTest.Numbers(file, out var reader);
            Assert.False(reader.IsDamaged);
            _other.Folders.Delete(file);
        }

        Assert.False(Directory.Exists(old));
        Assert.Equal(500, numbers.Count);
    }

    [Fact]
    public void A_process_that_ends_carries_over_first()
    {
        Directory.Delete(Folder, recursive: true);
        _process.Folders.Dispose();

        Assert.Equal(Enumerable.Range(0, 1010), _other.Folders.FindLeft().SelectMany(FoldersUnderTest.Numbers));
    }

    [Fact]
    public void A_folder_without_files_is_replaced()
    {
        _process.Folders.Delete(_backlog);
        _process.Folders.Delete(_journal);
        Directory.Delete(Folder, recursive: true);
        _process.Folders.Check();

        Assert.Equal([1, 2], FoldersUnderTest.Numbers(_process.CreateWith(1, 2)));
    }

    private void Do(string somethingHappens)
    {
        var folder = Folder;
        switch (somethingHappens)
        {
            case "nothing":
                break;
            case "a file is deleted":
                File.Delete(_backlog.Path);
                break;
            case "a file is renamed":
                File.Move(_backlog.Path, _backlog.Path + ".backlog");
                break;
            case "the refused file is deleted":
                File.Delete(_refused.Path);
                break;
            case "the lock is deleted":
                File.Delete(LockFile);
                break;
            case "the lock is renamed":
                File.Move(LockFile, LockFile + "ed");
                break;
            case "the folder is deleted":
                Directory.Delete(folder, recursive: true);
                break;
            case "the folder is renamed":
                Directory.Move(folder, folder + "-moved");
                break;
            case "the folder is replaced":
                Directory.Move(folder, folder + "-moved");
                Directory.CreateDirectory(folder);
                File.WriteAllText(LockFile, "");
                break;
            case "the root is deleted":
                Directory.Delete(Root, recursive: true);
                break;
            case "the root is renamed":
                Directory.Move(Root, Root + "-moved");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(somethingHappens), somethingHappens, null);
        }
    }
}
