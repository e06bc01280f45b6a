using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox.Files;

public sealed class OutboxFileTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FoldersUnderTest _process;

    public OutboxFileTests()
    {
        _process = new FoldersUnderTest(_folder.Combine("outbox"));
    }

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void It_counts_what_it_has()
    {
        var file = _process.CreateWith(1, 3);
        file.Append(FoldersUnderTest.Records(4, 2));

        Assert.Equal(5, file.Records);
        Assert.Equal(new FileInfo(file.Path).Length, file.Bytes);
        Assert.Equal(file.Bytes, _process.Folders.Bytes);
        Assert.True(file.IsOpen);
        Assert.Equal([1, 2, 3, 4, 5], FoldersUnderTest.Numbers(file));
    }

    [Theory]
    [InlineData(nameof(FaultyDisk.Write))]
    [InlineData(nameof(FaultyDisk.Sync))]
    public void What_cannot_be_appended_is_cut_off_and_a_new_file_goes_on(string failing)
    {
        var file = _process.CreateWith(1, 3);
        var bytes = file.Bytes;
        _process.Disk.Fails = member => member == failing;
        Assert.Throws<IOException>(() => file.Append(FoldersUnderTest.Records(4, 3)));
        _process.Disk.Fails = null;

        Assert.Equal((false, 3, bytes), (file.IsOpen, file.Records, file.Bytes));
        Assert.Equal(bytes, new FileInfo(file.Path).Length);
        Assert.Equal(bytes, _process.Folders.Bytes);
        Assert.Throws<InvalidOperationException>(() => file.Append(FoldersUnderTest.Records(4, 3)));
        Assert.Equal([4, 5, 6], FoldersUnderTest.Numbers(_process.CreateWith(4, 3)));
        Assert.Equal([1, 2, 3], FoldersUnderTest.Numbers(file, out var reader));
        Assert.False(reader.IsDamaged);
    }

    [Theory]
    [InlineData(nameof(FaultyDisk.Write))]
    [InlineData(nameof(FaultyDisk.Sync))]
    [InlineData(nameof(FaultyDisk.SyncFolder))]
    public void A_file_whose_first_records_cannot_be_appended_is_deleted(string failing)
    {
        var file = _process.Folders.Create(OutboxFileKind.Journal);
        _process.Disk.Fails = member => member == failing;
        Assert.Throws<IOException>(() => file.Append(FoldersUnderTest.Records(1, 3)));
        _process.Disk.Fails = null;
        Assert.Equal(0, new FileInfo(file.Path).Length);

        _process.Folders.Check();

        Assert.False(File.Exists(file.Path));
        Assert.Equal(0, _process.Folders.Bytes);
        _process.Folders.Delete(file);
    }

    [Fact]
    public void A_record_that_is_too_large_changes_nothing()
    {
        var file = _process.CreateWith(1, 3);
        Assert.Throws<InvalidOperationException>(
            () => file.Append([FoldersUnderTest.Record(4), FoldersUnderTest.Record(5, RecordFormat.MaxRecordBytes)]));
        file.Append(FoldersUnderTest.Records(4, 1));

        Assert.Equal([1, 2, 3, 4], FoldersUnderTest.Numbers(file));
    }

    [Fact]
    public void The_size_of_the_files_follows_the_bound()
    {
        Assert.Equal(4 * 1024 * 1024, new OutboxOptions("", 256 * 1024 * 1024).FileBytes);
        Assert.Equal(128 * 1024, new OutboxOptions("", 1024 * 1024).FileBytes);
        Assert.Equal(64 * 1024, new OutboxOptions("", 1).FileBytes);
        Assert.Equal(32 * 1024 * 1024, new OutboxOptions("", 256 * 1024 * 1024).OwnBytes);
        Assert.Equal(1024 * 1024, new OutboxOptions("", 1024 * 1024).OwnBytes);
    }
}
