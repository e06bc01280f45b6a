using System.Text;
using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox.Files;

public sealed class RecordFormatTests
{
    private static readonly DateTimeOffset _time = DateTimeOffset.FromUnixTimeMilliseconds(1_760_000_000_123);

    [Fact]
    public void A_record_is_read_as_it_was_written()
    {
        var headers = new Headers { { "a", [1, 2, 3] }, { "é", [] }, { "none", null }, { "a", [4] } };
        var record = new OutboxRecord(_time, "Bröker", "topic", headers, new byte[] { 0xFF, 0x53, 0xFE, 0x54, 0 });

        var read = WriteAndRead(record);

        Assert.Equal((_time, "Bröker", "topic"), (read.AcceptedAt, read.BrokerSetting, read.Topic));
        Assert.Equal(record.Value.ToArray(), read.Value.ToArray());
        Assert.Equal(
            headers.Select(header => (header.Key, header.GetValueBytes())),
            read.Headers!.Select(header => (header.Key, header.GetValueBytes())));
    }

    [Fact]
    public void A_record_without_headers_has_none()
    {
        Assert.Null(WriteAndRead(new OutboxRecord(_time, "", "", null, default)).Headers);
        Assert.Null(WriteAndRead(new OutboxRecord(_time, "", "", [], default)).Headers);
    }

    [Fact]
    public void What_could_not_be_read_is_not_written()
    {
        var largest = RecordFormat.MaxRecordBytes - Measure(new OutboxRecord(_time, "b", "t", null, default));
        Assert.Equal(RecordFormat.MaxRecordBytes, Measure(new OutboxRecord(_time, "b", "t", null, new byte[largest])));
        Assert.False(RecordFormat.TryMeasure(new OutboxRecord(_time, "b", "t", null, new byte[largest + 1]), out _));
        Assert.False(RecordFormat.TryMeasure(new OutboxRecord(_time, "b", new string('t', 65536), null, default), out _));
        Assert.False(RecordFormat.TryMeasure(new OutboxRecord(_time, "b", "t", new Headers { { new string('h', 65536), [] } }, default), out _));
        var headers = new Headers();
        for (var i = 0; i < 65536; i++)
        {
            headers.Add("h", null);
        }

        Assert.False(RecordFormat.TryMeasure(new OutboxRecord(_time, "b", "t", headers, default), out _));
    }

    [Fact]
    public void A_body_whose_lengths_are_wrong_is_refused_without_an_exception()
    {
        var bytes = Write(FoldersUnderTest.Record(1));
        var random = new Random(13);
        for (var i = 0; i < 20_000; i++)
        {
            // What a checksum would find is passed here on purpose.
            var changed = bytes.ToArray();
            changed[RecordFormat.FrameBytes + random.Next(60)] = (byte)random.Next(256);
            changed[RecordFormat.FrameBytes + random.Next(60)] ^= (byte)(1 << random.Next(8));
            _ = RecordFormat.TryRead(changed.AsSpan(0, random.Next(RecordFormat.FrameBytes + 1, changed.Length)), out _);
        }
    }

    [Fact]
    public void The_checksum_finds_every_changed_bit()
    {
        var bytes = Write(FoldersUnderTest.Record(1));
        Assert.True(RecordFormat.IsValid(bytes));
        for (var bit = RecordFormat.Marker.Length * 8; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(RecordFormat.IsValid(bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void No_text_has_the_marker()
    {
        var marker = RecordFormat.Marker.ToArray();
        Assert.Throws<DecoderFallbackException>(() => new UTF8Encoding(false, true).GetString(marker));
    }

    private static int Measure(OutboxRecord record)
    {
        Assert.True(RecordFormat.TryMeasure(record, out var bytes));
        return bytes;
    }

    private static byte[] Write(OutboxRecord record)
    {
        var bytes = new byte[Measure(record)];
        RecordFormat.Write(bytes, 1, record);
        return bytes;
    }

    private static OutboxRecord WriteAndRead(OutboxRecord record)
    {
        var bytes = Write(record);
        Assert.True(RecordFormat.IsValid(bytes));
        Assert.Equal(bytes.Length, RecordFormat.LengthOf(bytes));
        Assert.True(RecordFormat.TryRead(bytes, out var read));
        return read;
    }
}
