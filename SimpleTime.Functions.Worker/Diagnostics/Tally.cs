using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace SimpleTime.Functions.Worker.Diagnostics;

/// <summary>
/// Counts by a key, to be observed. A counter would look up its tags with each count, several times a request. Keys are never
/// forgotten: they must be few. Safe for use by several threads.
/// </summary>
internal sealed class Tally<TKey>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, StrongBox<long>> _counts = new();

    public void Add(TKey key, long count = 1) => Interlocked.Add(ref _counts.GetOrAdd(key, static _ => new StrongBox<long>()).Value, count);

    /// <summary>Returns the counts so far.</summary>
    /// <param name="tags">The tags of a key.</param>
    public IEnumerable<Measurement<long>> Measure(Func<TKey, IEnumerable<KeyValuePair<string, object?>>> tags) =>
        _counts.Select(count => new Measurement<long>(Volatile.Read(ref count.Value.Value), tags(count.Key)));
}
