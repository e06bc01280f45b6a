using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>
/// Asks in a loop of its own whether a topic can be written. Its properties may be read by several threads; reading them costs nothing.
/// </summary>
internal sealed partial class TopicMonitor : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _upTime = TimeSpan.FromSeconds(6);

    private const string NoAnswer = "it did not answer in time";

    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(1);

    private readonly BackgroundLoops _loops;
    private readonly TimeProvider _time;
    private readonly ILogger<TopicMonitor> _logger;
    private readonly MonitorClient _client;
    private volatile bool _isAnswered;
    private volatile IReadOnlyList<int> _leaders = [];
    private volatile TopicWriting _writing = TopicWriting.Fine;
    private bool? _isToldUp;
    private long? _lastAnswer;
    private long _startedAt;
    private volatile int _partitions;

    /// <param name="brokerList">The brokers, as they are told.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="group">The group whose lag is told; null for none.</param>
    /// <param name="connect">Makes a client of these brokers and this group; gets what to tell of the client's errors.</param>
    /// <param name="loops">Runs its loops.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of each turn.</param>
    public TopicMonitor(
        string brokerList,
        string topic,
        string? group,
        Func<Action<Error>, IConsumer<Ignore, Ignore>> connect,
        BackgroundLoops loops,
        TimeProvider time,
        ILogger<TopicMonitor> logger)
    {
        BrokerList = brokerList;
        Topic = topic;
        _loops = loops;
        _time = time;
        _logger = logger;
        _client = new MonitorClient(connect, time);
        Lag = group is null ? null : new GroupLag(topic, group, _client, time);
        Trouble = new TopicTrouble(time);
    }

    public string BrokerList { get; }

    public string Topic { get; }

    /// <summary>Gets the lag of the group that consumes the topic; null when no function does.</summary>
    public GroupLag? Lag { get; }

    /// <summary>
    /// Gets whether the cluster named a leader for a partition of the topic within the last 6 s, and acknowledges what is sent to it.
    /// </summary>
    public bool IsUp => _isAnswered && _writing.Problem is null;

    /// <summary>Gets the partitions that the cluster named a leader for within the last 6 s; the list does not change.</summary>
    public IReadOnlyList<int> Leaders => _leaders;

    /// <summary>Gets what is wrong with the topic.</summary>
    public TopicTrouble Trouble { get; }

    /// <summary>
    /// Gets why the topic cannot be used or, where it can, which part of it cannot; at most 512 characters on one line, null when all is well.
    /// </summary>
    public string? Reason => Trouble.Describe(IsUp ? null : Trouble.Problem ?? _writing.Problem);

    /// <summary>
    /// Gets why the group's consumers cannot read, or not all, although the cluster answers; at most 512 characters on one line, null while they can.
    /// </summary>
    public string? ReadProblem => Lag?.Problem is { } problem ? SafeText.OneLine(Trouble.Explain(problem), 512) : null;

    /// <summary>Gets the loop that asks; null before the start.</summary>
    public BackgroundLoop? Loop { get; private set; }

    private IEnumerable<BackgroundLoop> Running => new[] { Loop, Lag?.Loop }.OfType<BackgroundLoop>();

    public void Start()
    {
        _startedAt = _time.GetTimestamp();
        Loop = _loops.RunOnThread("kafka-status", _interval, _ => CheckTopic());
        Lag?.Start(_loops, () => _isAnswered ? _partitions : 0);
    }

    /// <summary>Ends the questions; one that hangs is left to the end of the process.</summary>
    public Task StopAsync() => Task.WhenAll(Running.Select(loop => loop.StopAsync(_stopTime)));

    public void Dispose()
    {
        foreach (var loop in Running)
        {
            loop.Dispose();
        }

        // A client must not go while a thread is in a call of it.
        if (Running.All(loop => loop.HasEnded))
        {
            _client.Dispose();
        }
    }

    /// <summary>Notes whether Kafka acknowledges what is sent to the topic: that is an answer, too. For any thread.</summary>
    public void NoteWriting(TopicWriting writing) => _writing = writing;

    private void CheckTopic()
    {
        string? problem;
        try
        {
            var (answer, noAnswer) = _client.Ask(Topic, _timeout);
            problem = noAnswer ?? Problem(answer!);
        }
        catch (Exception e)
        {
            // Not expected, so for the loop to tell; the state does not stay what it was all the same.
            Turn(e.Message);
            throw;
        }

        Turn(problem);
    }

    private string? Problem(Metadata answer)
    {
        var topic = answer.Topics.Find(t => t.Topic == Topic);
        if (topic is null || topic.Error.IsError)
        {
            return topic?.Error.Reason ?? "the cluster does not know the topic";
        }

        _partitions = topic.Partitions.Count;
        Trouble.Note(topic.Partitions, answer.Brokers);
        int[] leaders = [.. topic.Partitions.Where(p => p.Leader >= 0).Select(p => p.PartitionId)];
        if (!leaders.SequenceEqual(_leaders))
        {
            _leaders = leaders;
        }

        return leaders.Length > 0 ? null : "no partition of the topic has a leader";
    }

    private void Turn(string? problem)
    {
        if (problem is null)
        {
            _lastAnswer = _time.GetTimestamp();
        }

        var writing = _writing;
        var last = writing.AcknowledgedAt is { } acknowledgedAt ? Math.Max(_lastAnswer ?? acknowledgedAt, acknowledgedAt) : _lastAnswer;
        _isAnswered = last is { } at && _time.GetElapsedTime(at) <= _upTime;
        if (!_isAnswered)
        {
            _leaders = [];
            Lag?.Forget();
        }

        problem ??= writing.Problem;
        var isUp = _isAnswered && writing.Problem is null;
        Trouble.Update(
            isUp || IsReasonAwaited() ? null : problem ?? NoAnswer, writing.Stuck.Count > 0 ? writing.Stuck : Lag?.Unreachable ?? [], Lag?.CoordinatorProblem);
        if (isUp != _isToldUp && (_isToldUp is not null || isUp || !IsReasonAwaited()))
        {
            _isToldUp = isUp;
            if (isUp)
            {
                Log.Up(_logger, SafeText.OneLine(BrokerList, 512), Topic);
            }
            else
            {
                Log.Down(_logger, SafeText.OneLine(BrokerList, 512), Topic, Trouble.Describe(problem ?? NoAnswer)!);
            }
        }
    }

    // At first the cause is worth waiting for: that a question timed out does not tell it.
    private bool IsReasonAwaited() => _client.IsUntried && _time.GetElapsedTime(_startedAt) < _upTime;

    private static partial class Log
    {
        [LoggerMessage(80, LogLevel.Information, "Kafka is UP: {BrokerList} has the topic {Topic}.")]
        public static partial void Up(ILogger logger, string brokerList, string topic);

        [LoggerMessage(81, LogLevel.Warning, "Kafka is NOT UP: {BrokerList}, topic {Topic}: {Reason}")]
        public static partial void Down(ILogger logger, string brokerList, string topic, string reason);
    }
}
