using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox.Files;

/// <summary>The loss of power while messages are removed from a file, at each moment.</summary>
public sealed class RefusedFileTests : IDisposable
{
    private const int Records = 300;
    private const int ImagesOfEach = 20;

    private readonly TempFolder _folder = new();

    private string Live => _folder.Combine("live");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Neither_is_the_rest_lost_nor_comes_back_what_was_removed() => Assert.Equal(0, CountWrong(new RecordingDisk()));

    [Fact]
    public void Without_the_syncs_of_files_the_rest_would_be_lost() => Assert.NotEqual(0, CountWrong(new RecordingDisk(syncsFiles: false)));

    [Fact]
    public void Without_the_syncs_of_folders_it_would_be_too() => Assert.NotEqual(0, CountWrong(new RecordingDisk(syncsFolders: false)));

    private int CountWrong(RecordingDisk disk)
    {
        var options = new OutboxOptions(Path.Combine(Live, "outbox"), 64 * 1024 * 1024);
        Directory.CreateDirectory(Live);
        using (var process = new FoldersUnderTest(options.Path, disk))
        {
            process.CreateWith(0, Records, OutboxFileKind.Refused);
        }

        var first = disk.Changes.Count;
        var messages = new RefusedMessages(options, disk, TimeProvider.System);
        using (var file = messages.TryOpen(Assert.Single(messages.FindFiles()))!)
        {
            while (file.Read() is { Count: > 0 } read)
            {
                foreach (var message in read.Where((_, i) => i % 2 == 0))
                {
                    file.Remove(message);
                }
            }

            file.Save();
        }

        var last = disk.Changes.Count;
        Assert.True(last > first + 4);
        var random = new Random(13);
        return Enumerable.Range(first, last - first + 1).SelectMany(count => Enumerable.Repeat(count, ImagesOfEach))
            .Count(count => IsWrong(disk.Changes[..count], count == last, random));
    }

    private bool IsWrong(List<DiskChange> changes, bool isOver, Random random)
    {
        var image = new PowerLossImage(Live);
        changes.ForEach(image.Apply);
        var target = _folder.Combine("image");
        Directory.CreateDirectory(target);
        image.Write(target, random);
        var numbers = Directory.GetFiles(target, "*.refused", SearchOption.AllDirectories)
            .SelectMany(path => FoldersUnderTest.Numbers(FoldersUnderTest.OfDeadProcess(path))).ToHashSet();
        Directory.Delete(target, recursive: true);
        var rest = Enumerable.Range(0, Records).Where(number => number % 128 % 2 == 1).ToHashSet();
        return isOver ? !numbers.SetEquals(rest) : !numbers.IsSupersetOf(rest);
    }
}
