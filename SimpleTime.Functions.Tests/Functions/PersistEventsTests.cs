using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
using SimpleTime.Functions.Functions;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Tests.Persistence;
using Xunit;

namespace SimpleTime.Functions.Tests.Functions;

public sealed class PersistEventsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly IEventStore _store = Substitute.For<IEventStore>();
    private readonly Dictionary<string, long> _counts = [];
    private readonly MeterListener _listener = new();
    private readonly PersistEvents _function;

    public PersistEventsTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var name = instrument.Name + string.Concat(tags.ToArray().Select(tag => $"/{tag.Value}"));
            _counts[name] = _counts.GetValueOrDefault(name) + value;
        });
        _listener.Start();
        _function = new PersistEvents(
            new EventReader(TimeProvider.System), _store, new RecordSpans(new ConfigurationManager()), new StoreMetrics(meters), TimeProvider.System);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task Stores_a_batch_in_one_piece_dead_letters_included()
    {
        using var cancellation = new CancellationTokenSource();
        IReadOnlyList<StoredRecord>? stored = null;
        await _store.PersistAsync(Arg.Do<IReadOnlyList<StoredRecord>>(batch => stored = batch), cancellation.Token);

        await _function.Run(
            [Records.Of("""{"event_type":"x"}""", 1), Records.Of("nonsense", 2), Records.Of("""{"event_type":"error"}""", 3)],
            cancellation.Token);

        Assert.Equal([typeof(CustomEventRow), typeof(DeadLetter), typeof(ErrorRow)], stored!.Select(record => record.GetType()));
    }

    [Fact]
    public async Task Counts_what_was_stored()
    {
        _store.PersistAsync([], default).ReturnsForAnyArgs(
            new PersistSummary { HttpRequests = 1, HttpResponses = 2, Errors = 3, CustomEvents = 4, DeadLetters = 5, Duplicates = 6 });

        await _function.Run([Records.Of("{}")], default);

        Assert.Equal(
            new Dictionary<string, long>
            {
                ["simple_time.store.rows_written/http_requests"] = 1,
                ["simple_time.store.rows_written/http_responses"] = 2,
                ["simple_time.store.rows_written/errors"] = 3,
                ["simple_time.store.rows_written/custom_events"] = 4,
                ["simple_time.store.dead_letters"] = 5,
                ["simple_time.store.duplicates"] = 6,
            },
            _counts);
    }

    [Fact]
    public async Task Fails_when_the_store_does_and_counts_nothing()
    {
        _store.PersistAsync([], default).ThrowsAsyncForAnyArgs(new EventStoreException("DB_PATH /data/events.db: its disk is full."));

        await Assert.ThrowsAsync<EventStoreException>(() => _function.Run([Records.Of("{}")], default));

        Assert.Empty(_counts);
    }
}
