using SimpleTime.Functions.Worker.Kafka.Spool;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Spool;

/// <summary>The bytes of a record.</summary>
public sealed class RecordFormatTests
{
    [Fact]
    public void The_bytes_of_a_record_are_these()
    {
        var record = new byte[RecordFormat.FramedBytes(9)];
        RecordFormat.Write(record, "123456789"u8);
        Assert.Equal(9, record[0]);
        Assert.Equal("123456789"u8, record.AsSpan(8));
        // CRC-32C of 09 00 00 00 and the nine digits.
        Assert.Equal(Crc32C([9, 0, 0, 0, .. "123456789"u8]), BitConverter.ToUInt32(record, 4));
        Assert.Equal(0xE3069283, Crc32C("123456789"u8));
        Assert.Equal(RecordStatus.Valid, RecordFormat.Read(record, 9, out var framedBytes));
        Assert.Equal(17, framedBytes);
    }

    [Fact]
    public void A_record_is_incomplete_at_every_shorter_length()
    {
        var record = new byte[RecordFormat.FramedBytes(9)];
        RecordFormat.Write(record, "123456789"u8);
        for (var length = 0; length < record.Length; length++)
        {
            Assert.Equal(RecordStatus.Incomplete, RecordFormat.Read(record.AsSpan(0, length), 9, out _));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(10)]
    [InlineData(int.MaxValue)]
    public void An_impossible_length_is_not_believed(int length)
    {
        var record = new byte[100];
        BitConverter.TryWriteBytes(record, length);
        Assert.Equal(RecordStatus.Unreadable, RecordFormat.Read(record, 9, out _));
    }

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F63B78;
            }
        }

        return ~crc;
    }
}
