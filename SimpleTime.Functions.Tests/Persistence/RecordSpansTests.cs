using System.Diagnostics;
using System.Text;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Diagnostics;
using SimpleTime.Functions.Persistence;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

public sealed class RecordSpansTests : IDisposable
{
    private const string Sender = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-";

    private readonly RecordSpans _spans = new(new ConfigurationManager());
    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => source.Name == ServiceMetrics.MeterName,
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    };

    public RecordSpansTests() => ActivitySource.AddActivityListener(_listener);

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void A_record_has_a_span_in_the_trace_of_its_sender_and_the_current_one_stays()
    {
        using var batchSpan = new Activity("batch").Start();
        var batch = Start(Record(Sender + "01"), Record(Sender + "00"));

        var span = batch[0].Span!;
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (span.TraceId.ToString(), span.ParentSpanId.ToString()));
        Assert.Null(batch[1].Span);
        Assert.Same(batchSpan, Activity.Current);

        RecordSpans.End(batch, null);
        Assert.True(span.IsStopped);
        Assert.Same(batchSpan, Activity.Current);
    }

    [Fact]
    public void A_record_that_was_not_stored_after_all_says_why_and_nothing_else()
    {
        var batch = Start(Record(Sender + "01"));
        StoreSpan.Tell(batch[0], isNew: true);

        RecordSpans.End(batch, new EventStoreException("its disk is full."));

        var span = batch[0].Span!;
        Assert.Equal((ActivityStatusCode.Error, "its disk is full.", null), (span.Status, span.StatusDescription, span.GetTagItem("simple_time.store.outcome")));
        Assert.Equal(typeof(EventStoreException).FullName, span.GetTagItem("error.type"));
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0a")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public void A_record_whose_sender_was_not_recorded_costs_nothing(string? sender)
    {
        var record = Record(sender);
        var batch = new[] { new EventReader(TimeProvider.System).Read(record) };
        KafkaRecord[] records = [record];
        _spans.Start(records, batch);
        RecordSpans.End(batch, null);

        var before = GC.GetAllocatedBytesForCurrentThread();
        _spans.Start(records, batch);
        RecordSpans.End(batch, null);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private StoredRecord[] Start(params KafkaRecord[] records)
    {
        var batch = Array.ConvertAll(records, new EventReader(TimeProvider.System).Read);
        _spans.Start(records, batch);
        return batch;
    }

    private static KafkaRecord Record(string? sender)
    {
        var record = Records.Of("""{"event_type":"x"}""");
        record.Headers = sender is null ? [] : [new KafkaHeader { Key = "traceparent", Value = Encoding.ASCII.GetBytes(sender) }];
        return record;
    }
}
