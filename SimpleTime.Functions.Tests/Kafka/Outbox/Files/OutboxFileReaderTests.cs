using System.Buffers.Binary;
using System.IO.Hashing;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox.Files;

public sealed class OutboxFileReaderTests : IDisposable
{
    private const int Page = 4096;
    private const int Count = 500;
    private const int HeaderBytes = 8;

    private readonly TempFolder _folder = new();
    private readonly FoldersUnderTest _process;

    public OutboxFileReaderTests()
    {
        _process = new FoldersUnderTest(_folder.Combine("outbox"));
    }

    private static int RecordBytes => RecordFormat.TryMeasure(FoldersUnderTest.Record(100), out var bytes) ? bytes : 0;

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Records_are_read_in_their_order_as_many_as_asked_for()
    {
        var reader = new OutboxFileReader(CreateFile());

        Assert.Equal([100, 101, 102], reader.Read(3, int.MaxValue).Select(FoldersUnderTest.NumberOf));
        Assert.Equal([103, 104], reader.Read(int.MaxValue, RecordBytes * 5 / 2).Select(FoldersUnderTest.NumberOf));
        Assert.Equal([105], reader.Read(int.MaxValue, 1).Select(FoldersUnderTest.NumberOf));
        Assert.Empty(reader.Read(0, int.MaxValue));
        Assert.False(reader.IsAtEnd);
        Assert.Equal(Enumerable.Range(106, Count - 6), FoldersUnderTest.Numbers(reader));
        Assert.Equal((true, 0, false, false), (reader.IsAtEnd, reader.Missing, reader.IsDamaged, reader.IsUnknown));
    }

    [Fact]
    public void A_file_is_read_while_it_is_appended_to()
    {
        var file = _process.Folders.Create(OutboxFileKind.Backlog);
        var reader = new OutboxFileReader(file);
        Assert.Empty(FoldersUnderTest.Numbers(reader));
        for (var i = 0; i < 3; i++)
        {
            file.Append(FoldersUnderTest.Records(i * 10, 10));
            Assert.Equal(Enumerable.Range(i * 10, 10), FoldersUnderTest.Numbers(reader));
        }

        Assert.Equal((0, false), (reader.Missing, reader.IsDamaged));
    }

    [Fact]
    public void A_zeroed_page_costs_the_records_that_it_hit()
    {
        var file = CreateFile();
        var pages = (int)(file.Bytes / Page) + 1;
        for (var page = 0; page < pages; page++)
        {
            var image = Image(file);
            image.AsSpan(page * Page, Math.Min(Page, image.Length - (page * Page))).Clear();

            // Where a dead process's file ends with zeros, nobody knows that there was more.
            AssertExactlyHit(file, image, page * Page, Page, alsoDead: page < pages - 1);
        }
    }

    [Fact]
    public void A_flipped_bit_of_a_length_costs_one_record()
    {
        var file = CreateFile();
        for (var bit = 0; bit < 32; bit++)
        {
            foreach (var record in (int[])[0, 250, Count - 1])
            {
                var image = Image(file);
                var length = HeaderBytes + (record * RecordBytes) + 12;
                image[length + (bit / 8)] ^= (byte)(1 << (bit % 8));

                // A last record that is longer than the file is what a crash leaves.
                AssertExactlyHit(file, image, length, 4, alsoDead: record < Count - 1);
            }
        }
    }

    [Fact]
    public void Whatever_happens_to_the_bytes_only_true_records_are_read_and_the_others_counted()
    {
        var file = CreateFile();
        var random = new Random(13);
        for (var i = 0; i < 200; i++)
        {
            var image = Image(file);
            for (var damages = random.Next(1, 6); damages > 0; damages--)
            {
                var from = random.Next(image.Length);
                var span = image.AsSpan(from, Math.Min(random.Next(1, 3 * Page), image.Length - from));
                switch (random.Next(4))
                {
                    case 0:
                        span.Clear();
                        break;
                    case 1:
                        random.NextBytes(span);
                        break;
                    case 2:
                        image[from] ^= (byte)(1 << random.Next(8));
                        break;
                    default:
                        // A stale copy of another part.
                        image.AsSpan(random.Next(image.Length - span.Length), span.Length).CopyTo(span);
                        break;
                }
            }

            Overwrite(file, image);
            var numbers = FoldersUnderTest.Numbers(file, out var reader);
            Assert.Equal(numbers.Order().Distinct(), numbers);
            Assert.Subset(Enumerable.Range(100, Count).ToHashSet(), numbers.ToHashSet());
            Assert.Equal(Count, numbers.Count + reader.Missing);
        }
    }

    [Fact]
    public void A_record_that_a_crash_tore_is_no_damage()
    {
        var file = CreateFile(20);
        var image = Image(file);
        for (var torn = 1; torn <= RecordBytes; torn++)
        {
            AssertTorn(image[..^torn], 19);
        }

        for (var length = 0; length <= HeaderBytes; length++)
        {
            AssertTorn(image[..length], 0);
        }

        AssertTorn([.. image, .. new byte[10_000]], 20);
        AssertTorn(new byte[10_000], 0);
    }

    [Fact]
    public void A_complete_last_record_whose_checksum_is_wrong_is_damage()
    {
        var image = Image(CreateFile(20));
        image[^1] ^= 1;

        Assert.Equal(Enumerable.Range(100, 19), FoldersUnderTest.Numbers(Dead(image), out var reader));
        Assert.Equal((1, true), (reader.Missing, reader.IsDamaged));
    }

    [Fact]
    public void Bytes_that_are_no_record_are_damage()
    {
        Assert.Empty(FoldersUnderTest.Numbers(Dead("this is somebody's letter, and not a file of the outbox"u8.ToArray()), out var reader));
        Assert.Equal((1, true, false), (reader.Missing, reader.IsDamaged, reader.IsUnknown));
    }

    [Fact]
    public void A_file_that_somebody_cut_misses_what_was_in_it()
    {
        var file = CreateFile(20);
        Overwrite(file, Image(file)[..^(5 * RecordBytes)]);

        Assert.Equal(Enumerable.Range(100, 15), FoldersUnderTest.Numbers(file, out var reader));
        Assert.Equal((5, true), (reader.Missing, reader.IsDamaged));
    }

    [Fact]
    public void Nothing_of_a_file_of_another_version_is_read()
    {
        var image = Image(CreateFile());
        image[HeaderBytes - 1] = 2;

        Assert.Empty(FoldersUnderTest.Numbers(Dead(image), out var reader));
        Assert.Equal((true, false, 0), (reader.IsUnknown, reader.IsDamaged, reader.Missing));
    }

    [Fact]
    public void A_record_of_another_version_ends_the_reading_of_its_file()
    {
        var image = Image(CreateFile());
        var record = image.AsSpan(HeaderBytes + (10 * RecordBytes), RecordBytes);
        record[RecordFormat.FrameBytes] = 2;
        BinaryPrimitives.WriteUInt64LittleEndian(record[4..], XxHash3.HashToUInt64(record[12..]));

        Assert.Equal(Enumerable.Range(100, 10), FoldersUnderTest.Numbers(Dead(image), out var reader));
        Assert.Equal((true, false, 0), (reader.IsUnknown, reader.IsDamaged, reader.Missing));
    }

    [Theory]
    [InlineData(nameof(FaultyDisk.OpenToRead))]
    [InlineData(nameof(FaultyDisk.Read))]
    public void A_disk_error_is_thrown_and_the_next_call_goes_on_at_the_same_place(string failing)
    {
        const int Many = 5000;
        var image = Image(CreateFile(Many));

        // Damage, so that a search is interrupted too.
        image.AsSpan(100_000, 200_000).Clear();
        var expected = FoldersUnderTest.Numbers(Dead(image), out var undisturbed);
        var calls = 0;
        _process.Disk.Fails = member => member == failing && calls++ % 3 != 2;
        var reader = new OutboxFileReader(Dead(image, _process.Disk));
        var numbers = new List<int>();
        var errors = 0;
        while (!reader.IsAtEnd)
        {
            try
            {
                numbers.AddRange(reader.Read(1000, int.MaxValue).Select(FoldersUnderTest.NumberOf));
            }
            catch (IOException)
            {
                errors++;
            }
        }

        _process.Disk.Fails = null;
        Assert.True(errors > 0);
        Assert.Equal(expected, numbers);
        Assert.Equal((undisturbed.Missing, true), (reader.Missing, reader.IsDamaged));
        Assert.Equal(Many, expected.Count + undisturbed.Missing);
    }

    private static byte[] Image(OutboxFile file)
    {
        using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static void Overwrite(OutboxFile file, byte[] image)
    {
        using var stream = new FileStream(file.Path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite);
        stream.Write(image);
    }

    private OutboxFile CreateFile(int count = Count) => _process.CreateWith(100, count);

    private OutboxFile Dead(byte[] image, IOutboxDisk? disk = null)
    {
        var path = _folder.Combine("dead.backlog");
        File.WriteAllBytes(path, image);
        return FoldersUnderTest.OfDeadProcess(path, disk);
    }

    private void AssertExactlyHit(OutboxFile file, byte[] image, int from, int length, bool alsoDead)
    {
        var unhit = Enumerable.Range(0, Count)
            .Where(record => HeaderBytes + (record * RecordBytes) >= from + length || HeaderBytes + ((record + 1) * RecordBytes) <= from)
            .Select(record => record + 100)
            .ToArray();
        var original = Image(file);
        Overwrite(file, image);
        Assert.Equal(unhit, FoldersUnderTest.Numbers(file, out var reader));
        Assert.Equal((Count - unhit.Length, true), (reader.Missing, reader.IsDamaged));
        Overwrite(file, original);
        if (alsoDead)
        {
            Assert.Equal(unhit, FoldersUnderTest.Numbers(Dead(image), out reader));
            Assert.Equal((Count - unhit.Length, true), (reader.Missing, reader.IsDamaged));
        }
    }

    private void AssertTorn(byte[] image, int count)
    {
        Assert.Equal(Enumerable.Range(100, count), FoldersUnderTest.Numbers(Dead(image), out var reader));
        Assert.Equal((0, false, false), (reader.Missing, reader.IsDamaged, reader.IsUnknown));
    }
}
