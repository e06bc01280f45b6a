using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>
/// Looks at the brokers of topics that were in trouble for 10 s, each at most once a minute, and tells what is wrong with them in one line,
/// and again when that changes. Nothing of it touches requests. Not safe for use by several threads.
/// </summary>
internal sealed partial class BrokerDiagnosis(BrokerProbe probe, TimeProvider time, ILogger<BrokerDiagnosis> logger)
{
    private const int MaxBrokers = 12;

    private static readonly TimeSpan _lookAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<BrokerAddress, Finding> _findings = new();

    /// <summary>Looks at a topic's brokers, if there is a reason to.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="bootstrapServers">Where clients connect first.</param>
    /// <param name="trouble">What is wrong with it, which gets the finding.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task RunAsync(string topic, string bootstrapServers, TopicTrouble trouble, CancellationToken cancellationToken)
    {
        if (trouble.Since is not { } since)
        {
            trouble.Finding = null;
            trouble.Told.Clear();
            return;
        }

        if (time.GetElapsedTime(since) < _lookAfter)
        {
            return;
        }

        if (_findings.Count > MaxBrokers)
        {
            _findings.Clear();
        }

        var brokers = trouble.FindSuspects(bootstrapServers).Take(MaxBrokers).ToArray();
        await Task.WhenAll(brokers.Select(broker => LookAsync(broker, cancellationToken))).ConfigureAwait(false);
        var finding = Describe(brokers);
        if (HasNews(brokers, trouble.Told))
        {
            Log.Finding(logger, topic, finding!);
        }

        trouble.Finding = finding;
    }

    private async Task LookAsync(BrokerAddress broker, CancellationToken cancellationToken)
    {
        if (_findings.TryGetValue(broker, out var last) && time.GetElapsedTime(last.At) < _interval)
        {
            return;
        }

        var problem = await probe.FindProblemAsync(broker.Host, broker.Port, cancellationToken).ConfigureAwait(false);
        _findings[broker] = new Finding(time.GetTimestamp(), problem);
    }

    private string? Describe(BrokerAddress[] brokers)
    {
        var text = string.Join("; ", brokers.GroupBy(broker => _findings[broker].Problem).Where(group => group.Key is not null)
            .Select(group => $"{string.Join(", ", group)}: {group.Key}"));
        return text.Length == 0 ? null : SafeText.OneLine(text, 384);
    }

    // A broker that is no suspect any more, since the others are the last to recover, makes no line.
    private bool HasNews(BrokerAddress[] brokers, Dictionary<BrokerAddress, string> told)
    {
        var hasNews = false;
        foreach (var broker in brokers)
        {
            if (_findings[broker].Problem is not { } problem)
            {
                told.Remove(broker);
            }
            else if (told.GetValueOrDefault(broker) != problem)
            {
                told[broker] = problem;
                hasNews = true;
            }
        }

        return hasNews;
    }

    /// <summary>What was found at a broker, and when: a timestamp of the time provider.</summary>
    private sealed record Finding(long At, string? Problem);

    private static partial class Log
    {
        [LoggerMessage(82, LogLevel.Warning, "What is found at the brokers of the topic {Topic}: {Finding}")]
        public static partial void Finding(ILogger logger, string topic, string finding);
    }
}
