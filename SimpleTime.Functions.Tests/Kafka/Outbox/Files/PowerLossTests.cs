using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox.Files;

public sealed class PowerLossTests : IDisposable
{
    private const int Images = 200;
    private const int Steps = 400;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_record_whose_append_returned_survives_the_loss_of_power() => Assert.Equal(0, CountLosing(new RecordingDisk()));

    [Fact]
    public void Without_the_syncs_of_files_records_would_be_lost() => Assert.InRange(CountLosing(new RecordingDisk(syncsFiles: false)), 1, Images);

    [Fact]
    public void Without_the_syncs_of_folders_records_would_be_lost() => Assert.InRange(CountLosing(new RecordingDisk(syncsFolders: false)), 1, Images);

    // How many images miss a record.
    private int CountLosing(RecordingDisk disk)
    {
        Work(disk);
        var random = new Random(13);
        return Enumerable.Range(0, Images).Count(image => IsLosing(disk.Changes, random.Next(disk.Changes.Count + 1), image, random));
    }

    private void Work(RecordingDisk disk)
    {
        using var process = new FoldersUnderTest(_folder.Combine("live/deep/outbox"), disk);
        var random = new Random(7);
        var files = new List<(OutboxFile File, List<int> Numbers)>();
        var next = 0;
        Directory.CreateDirectory(_folder.Combine("live"));
        for (var step = 0; step < Steps; step++)
        {
            switch (random.Next(20))
            {
                case < 3:
                    files.Add((process.Folders.Create((OutboxFileKind)random.Next(3)), []));
                    break;
                case 3 when files.Count > 0:
                    Drop(OutboxFileKind.Backlog);
                    break;
                case 4 when files.Count > 0:
                    var (damaged, _) = files[random.Next(files.Count)];
                    process.Folders.KeepDamaged(damaged, 0);
                    files.RemoveAll(file => file.File == damaged);
                    break;
                case 5 when files.Count > 0:
                    Displace();
                    break;
                case 6:
                    process.Folders.Check();
                    break;
                default:
                    Append();
                    break;
            }
        }

        Assert.True(process.Log.Count("were carried over") > 3);
        Assert.True(process.Log.Count("is damaged") > 3);

        void Append()
        {
            if (files.Where(file => file.File.IsOpen).ToArray() is { Length: > 0 } open)
            {
                var (file, numbers) = open[random.Next(open.Length)];
                var records = Enumerable.Range(next, random.Next(1, 10)).Select(number => FoldersUnderTest.Record(number, random.Next(10, 1000))).ToArray();
                next += records.Length;
                file.Append(records);
                int[] appended = [.. records.Select(FoldersUnderTest.NumberOf)];
                numbers.AddRange(appended);
                disk.Mark(new DiskChange.Mark(appended, MustBeThere: true));
            }
        }

        void Drop(OutboxFileKind kind)
        {
            if (files.Find(file => file.File.Kind == kind) is { File: { } file, Numbers: var numbers })
            {
                disk.Mark(new DiskChange.Mark(numbers, MustBeThere: false));
                process.Folders.Delete(file);
                files.RemoveAll(other => other.File == file);
            }
        }

        // Somebody deletes a file, whose records are back when it was carried over, or renames the folder.
        void Displace()
        {
            var (file, numbers) = files[random.Next(files.Count)];
            if (random.Next(2) == 0)
            {
                disk.Mark(new DiskChange.Mark([.. numbers], MustBeThere: false));
                disk.Delete(file.Path);
            }
            else if (file.Kind != OutboxFileKind.Refused)
            {
                disk.Rename(Path.GetDirectoryName(file.Path)!, Path.GetDirectoryName(file.Path) + "-moved");
            }

            process.Folders.Check();
            disk.Mark(new DiskChange.Mark([.. numbers], MustBeThere: true));
        }
    }

    private bool IsLosing(List<DiskChange> changes, int count, int image, Random random)
    {
        var disk = new PowerLossImage(_folder.Combine("live"));
        var required = new HashSet<int>();
        foreach (var change in changes.Take(count))
        {
            if (change is DiskChange.Mark mark)
            {
                (mark.MustBeThere ? (Action<IEnumerable<int>>)required.UnionWith : required.ExceptWith)(mark.Numbers);
            }
            else
            {
                disk.Apply(change);
            }
        }

        var target = _folder.Combine($"image-{image}");
        Directory.CreateDirectory(target);
        disk.Write(target, random);
        required.ExceptWith(ReadAll(target));
        Directory.Delete(target, recursive: true);
        return required.Count > 0;
    }

    private static List<int> ReadAll(string target)
    {
        using var process = new FoldersUnderTest(Path.Combine(target, "deep/outbox"));
        var numbers = process.Folders.FindLeft().SelectMany(FoldersUnderTest.Numbers).ToList();
        Assert.Equal(0, process.Log.Count("cannot be read"));
        foreach (var path in Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories).Where(path => Path.GetExtension(path) is ".refused" or ".damaged"))
        {
            numbers.AddRange(FoldersUnderTest.Numbers(FoldersUnderTest.OfDeadProcess(path)));
        }

        return numbers;
    }
}
