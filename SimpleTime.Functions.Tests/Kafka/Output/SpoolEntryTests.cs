using System.Text;
using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Output;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Output;

public sealed class SpoolEntryTests
{
    private static readonly byte[] _value = [1, 2, 3];

    [Fact]
    public void An_entry_is_read_as_it_was_written_headers_included()
    {
        var headers = new Headers { { "traceparent", "00-a-b-01"u8.ToArray() }, { "empty", [] }, { "\u00fc", [0xff, 0] }, { "none", null } };

        Assert.True(SpoolEntry.TryRead(new SpoolEntry(7, 8, "BROKERS", "things \u00fc", _value, headers).ToBytes(), out var entry));

        Assert.Equal((7, 8, "BROKERS", "things \u00fc"), (entry.Process, entry.Sequence, entry.BrokerSetting, entry.Topic));
        Assert.Equal(_value, entry.Value.ToArray());
        Assert.Equal(
            [("traceparent", "30302D612D622D3031"), ("empty", ""), ("\u00fc", "FF00"), ("none", "")],
            entry.Headers!.Select(header => (header.Key, Convert.ToHexString(header.GetValueBytes()))));
    }

    [Fact]
    public void An_entry_without_headers_has_the_first_format_which_every_version_reads()
    {
        // Format, process, sequence, the lengths of setting and topic, and the three texts.
        byte[] first = [1, 7, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, .. "Btt"u8, .. _value];

        Assert.Equal(first, new SpoolEntry(7, 8, "B", "tt", _value).ToBytes());
        Assert.Equal(first, new SpoolEntry(7, 8, "B", "tt", _value, new Headers()).ToBytes());
        Assert.True(SpoolEntry.TryRead(first, out var entry));
        Assert.Equal((7, 8, "B", "tt"), (entry.Process, entry.Sequence, entry.BrokerSetting, entry.Topic));
        Assert.Null(entry.Headers);
        Assert.Equal(_value, entry.Value.ToArray());
    }

    [Fact]
    public void An_entry_that_is_cut_anywhere_is_refused_or_is_a_shorter_value()
    {
        var whole = new SpoolEntry(7, 8, "B", "tt", _value, new Headers { { "traceparent", "00-a-b-01"u8.ToArray() } }).ToBytes();

        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Equal(length >= whole.Length - _value.Length, SpoolEntry.TryRead(whole.AsMemory(0, length), out _));
        }
    }

    [Fact]
    public void Any_damage_is_refused_or_read_and_never_thrown()
    {
        var whole = new SpoolEntry(7, 8, "B", "tt", _value, new Headers { { "traceparent", "00-a-b-01"u8.ToArray() } }).ToBytes();
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var damaged = whole.ToArray();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            SpoolEntry.TryRead(damaged, out _);
        }

        whole[0] = 3;
        Assert.False(SpoolEntry.TryRead(whole, out _));
    }

    [Fact]
    public void A_header_that_is_larger_than_the_format_can_say_is_left_out()
    {
        var headers = new Headers { { new string('n', 256), [1] }, { "large", new byte[65_536] }, { "kept", Encoding.ASCII.GetBytes("x") } };

        Assert.True(SpoolEntry.TryRead(new SpoolEntry(7, 8, "B", "tt", _value, headers).ToBytes(), out var entry));

        Assert.Equal("kept", Assert.Single(entry.Headers!).Key);
        Assert.Equal(_value, entry.Value.ToArray());
    }
}
