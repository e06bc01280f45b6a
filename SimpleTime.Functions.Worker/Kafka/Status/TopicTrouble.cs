using Confluent.Kafka;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>
/// What is wrong with a topic, and with which of its brokers. One thread notes what the cluster says, another the finding; all else is for any.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class TopicTrouble(TimeProvider time)
{
    private const int MaxLength = 512;
    private const long Never = long.MinValue;

    private volatile IReadOnlyList<PartitionMetadata> _partitions = [];
    private volatile IReadOnlyList<BrokerAddress> _brokers = [];
    private volatile string? _problem;
    private volatile string? _finding;
    private volatile IReadOnlyList<int> _unreachable = [];
    private volatile string? _groupProblem;
    private long _since = Never;

    /// <summary>Gets since when something is wrong, as a timestamp of the time provider; null when nothing is.</summary>
    public long? Since => Volatile.Read(ref _since) is not Never and var since ? since : null;

    /// <summary>Gets or sets what was found at the brokers; null for nothing.</summary>
    public string? Finding
    {
        get => _finding;
        set => _finding = value;
    }

    /// <summary>Gets what was told of brokers since something is wrong; for the thread that finds it.</summary>
    public Dictionary<BrokerAddress, string> Told { get; } = [];

    /// <summary>Gets why the topic could not be used at all when that was noted last; null when it could.</summary>
    public string? Problem => _problem;

    /// <summary>Notes what the cluster says of the topic.</summary>
    public void Note(IReadOnlyList<PartitionMetadata> partitions, IReadOnlyList<BrokerMetadata> brokers)
    {
        _partitions = partitions;
        _brokers = [.. brokers.Select(static broker => new BrokerAddress(broker.Host, broker.Port, broker.BrokerId))];
    }

    /// <summary>Notes what is wrong now.</summary>
    /// <param name="problem">Why the topic cannot be used at all; null when it can.</param>
    /// <param name="unreachable">The partitions that cannot be written or read.</param>
    /// <param name="groupProblem">Why the group cannot be asked; null when it can.</param>
    public void Update(string? problem, IReadOnlyList<int> unreachable, string? groupProblem)
    {
        _problem = problem;
        _unreachable = unreachable;
        _groupProblem = groupProblem;
        if (problem is null && unreachable.Count == 0 && groupProblem is null)
        {
            Volatile.Write(ref _since, Never);
        }
        else if (Since is null)
        {
            Volatile.Write(ref _since, time.GetTimestamp());
        }
    }

    /// <summary>Returns a problem with what was found at the brokers, where something was.</summary>
    public string Explain(string problem) => _finding is { } finding ? $"{problem}: {finding}" : problem;

    /// <summary>Returns what is wrong: at most 512 characters on one line, null when all is well.</summary>
    /// <param name="problem">Why the topic cannot be used at all; null for which part of it cannot.</param>
    public string? Describe(string? problem)
    {
        var finding = _finding;
        var part = _unreachable.Count > 0 ? DescribeUnreachable(finding) : _groupProblem is { } group ? Explain(group) : null;
        var text = problem is null ? part
            : part is not null ? $"{problem}: {part}"
            : finding ?? problem;
        return text is null ? null : SafeText.OneLine(text, MaxLength);
    }

    /// <summary>Returns the brokers that may be the cause: the leaders of partitions that cannot be used, or all that are known.</summary>
    /// <param name="bootstrapServers">Where clients connect first, for as long as nothing is known.</param>
    public IEnumerable<BrokerAddress> FindSuspects(string bootstrapServers)
    {
        var unreachable = _unreachable;
        var brokers = _brokers;
        return unreachable.Count > 0 ? Leaders(unreachable) : brokers.Count > 0 ? brokers : BrokerAddress.Parse(bootstrapServers);
    }

    private IEnumerable<BrokerAddress> Leaders(IReadOnlyList<int> unreachable)
    {
        var partitions = _partitions;
        return _brokers.Where(broker => partitions.Any(partition => partition.Leader == broker.Id && unreachable.Contains(partition.PartitionId)));
    }

    private string DescribeUnreachable(string? finding)
    {
        var partitions = _partitions;
        var unreachable = _unreachable;
        var lacking = 0;
        List<int> missing = [];
        foreach (var partition in partitions)
        {
            lacking += partition.InSyncReplicas.Length < partition.Replicas.Length ? 1 : 0;
            foreach (var replica in partition.Replicas)
            {
                if (!partition.InSyncReplicas.Contains(replica) && !missing.Contains(replica))
                {
                    missing.Add(replica);
                }
            }
        }

        finding ??= string.Join(", ", Leaders(unreachable));
        return $"{unreachable.Count} of {partitions.Count} partitions take nothing: {finding}"
            + (lacking > 0 ? $" ({lacking} have too few replicas in sync, perhaps fewer than min.insync.replicas: not those of broker {string.Join(", ", missing)})" : "");
    }
}
