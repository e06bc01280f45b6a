using System.Globalization;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Worker.Kafka.Clients;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>When a failed batch is tried again. Immutable.</summary>
/// <param name="MaxRetries">How often at the most; -1 for until it succeeds.</param>
/// <param name="Shortest">The first delay.</param>
/// <param name="Longest">The longest delay; delays double up to it.</param>
internal sealed record RetrySchedule(int MaxRetries, TimeSpan Shortest, TimeSpan Longest)
{
    private static readonly TimeSpan _hostShortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _hostLongest = TimeSpan.FromMinutes(1);

    /// <summary>Returns the schedule of a function's attribute, followed by the host's own where that does not commit failures.</summary>
    public static RetrySchedule Of(RetryAttribute? attribute, KafkaSettings settings)
    {
        var ofHost = settings.CommitOnFailure ? 0 : settings.MaxRetries;
        var ofFunction = attribute?.MaxRetryCount ?? 0;
        var retries = ofHost < 0 || ofFunction < 0 ? -1 : (int)Math.Min((long)ofHost + ofFunction, int.MaxValue);
        return attribute switch
        {
            FixedDelayRetryAttribute fixedDelay => new(retries, Interval(fixedDelay.DelayInterval), Interval(fixedDelay.DelayInterval)),
            ExponentialBackoffRetryAttribute backoff => new(retries, Interval(backoff.MinimumInterval), Interval(backoff.MaximumInterval)),
            _ => new(retries, _hostShortest, _hostLongest),
        };
    }

    public bool Allows(int retry) => MaxRetries < 0 || retry <= MaxRetries;

    /// <summary>Returns the delay before a retry, spread by up to a fifth so that several instances do not come at once.</summary>
    /// <param name="retry">The number of the retry, from 1.</param>
    /// <param name="random">From 0 to below 1.</param>
    public TimeSpan Delay(int retry, double random)
    {
        var doubled = Shortest.TotalMilliseconds * Math.Pow(2, Math.Min(retry - 1, 62));
        var delay = Math.Min(doubled, Longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Shortest == Longest ? delay : delay * (0.8 + (0.2 * random)));
    }

    private static TimeSpan Interval(string text) => TimeSpan.Parse(text, CultureInfo.InvariantCulture);
}
