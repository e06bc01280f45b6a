using System.Text;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Worker.Kafka.Clients;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka;

public sealed class TraceHeaderTests
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void A_record_says_which_span_sent_it()
    {
        Assert.True(TraceHeader.TryRead(Record(("other", "x"), ("traceparent", TraceParent)), out var sender));

        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (sender.TraceId.ToString(), sender.SpanId.ToString()));
        Assert.True(sender.IsRemote);
    }

    [Theory]
    [InlineData("00", false)]
    [InlineData("02", false)]
    [InlineData("0a", false)]
    [InlineData("01", true)]
    [InlineData("03", true)]
    [InlineData("0b", true)]
    public void Only_a_sender_that_was_recorded_is_read_and_another_costs_nothing(string flags, bool isRecorded)
    {
        var record = Record(("other", "x"), ("traceparent", $"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}"));
        Assert.Equal(isRecorded, TraceHeader.TryRead(record, out _));

        var before = GC.GetAllocatedBytesForCurrentThread();
        TraceHeader.TryRead(record, out _);
        Assert.Equal(isRecorded, GC.GetAllocatedBytesForCurrentThread() > before);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more")]
    [InlineData("\u00fc\u00fc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0")]
    public void Nonsense_is_no_sender(string? value)
    {
        Assert.False(TraceHeader.TryRead(Record(("traceparent", value)), out _));
        Assert.False(TraceHeader.TryRead(Record(), out _));
        Assert.False(TraceHeader.TryRead(Record(("traceparent", new string('0', 1_000_000))), out _));
    }

    private static KafkaRecord Record(params (string Key, string? Value)[] headers) => new()
    {
        Headers = Array.ConvertAll(headers, header => new KafkaHeader
        {
            Key = header.Key,
            Value = header.Value is null ? null : Encoding.UTF8.GetBytes(header.Value),
        }),
    };
}
