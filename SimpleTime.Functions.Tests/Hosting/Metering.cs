using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>Sums up what the instruments of one host count. Safe for use by several threads.</summary>
internal sealed class Metering : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _sums = new();
    private readonly ConcurrentQueue<Measurement> _measurements = new();
    private volatile ConcurrentQueue<(string Instrument, double Value)> _observed = new();

    /// <param name="factory">The meter factory of the host.</param>
    public Metering(IMeterFactory factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            _sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
            Observed(instrument, value);
        });
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            _measurements.Enqueue(new(instrument.Name, value, new Dictionary<string, object?>([.. tags])));
            Observed(instrument, value);
        });
        _listener.Start();
    }

    /// <summary>The measurements of a histogram so far, with their tags.</summary>
    public IEnumerable<Measurement> Of(string instrument) => _measurements.Where(m => m.Instrument == instrument);

    /// <summary>The sum of a counter so far.</summary>
    public long Sum(string instrument) => _sums.GetValueOrDefault(instrument);

    /// <summary>The value of an observable instrument now.</summary>
    public long Observe(string instrument)
    {
        _sums.TryRemove(instrument, out _);
        _listener.RecordObservableInstruments();
        return Sum(instrument);
    }

    /// <summary>The values of an observable instrument now, one for each set of tags.</summary>
    public double[] ObserveEach(string instrument)
    {
        var observed = new ConcurrentQueue<(string Instrument, double Value)>();
        _observed = observed;
        _listener.RecordObservableInstruments();
        return [.. observed.Where(o => o.Instrument == instrument).Select(o => o.Value)];
    }

    public void Dispose() => _listener.Dispose();

    private void Observed(Instrument instrument, double value)
    {
        if (instrument.IsObservable)
        {
            _observed.Enqueue((instrument.Name, value));
        }
    }

    internal sealed record Measurement(string Instrument, double Value, IReadOnlyDictionary<string, object?> Tags);
}
