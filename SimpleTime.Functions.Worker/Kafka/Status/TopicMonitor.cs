using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>
/// Asks on threads of its own whether a topic can be written and how far a group is behind. Its properties may be read by
/// several threads; reading them costs nothing.
/// </summary>
internal sealed partial class TopicMonitor : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _upTime = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan _lagInterval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(1);

    // Longer than a connection and its handshake take, and shorter than anybody wants to wait for a client that lost all its brokers.
    private static readonly TimeSpan _firstPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _longestPatience = TimeSpan.FromSeconds(60);

    private readonly string _brokerList;
    private readonly string _topic;
    private readonly string? _group;
    private readonly Func<Action<Error>, IConsumer<Ignore, Ignore>> _connect;
    private readonly TimeProvider _time;
    private readonly ILogger<TopicMonitor> _logger;
    private readonly BackgroundLoops _loops;
    private readonly Lock _clientLock = new();
    private BackgroundLoop? _statusLoop;
    private BackgroundLoop? _lagLoop;
    private IConsumer<Ignore, Ignore>? _client;
    private IAdminClient? _admin;
    private volatile string? _clientError;
    private volatile bool _isUp;
    private bool _isTold;
    private long? _lastAnswer;
    private long _quietSince;
    private long _startedAt;
    private bool _hasAnswered;
    private TimeSpan _patience = _firstPatience;
    private volatile long[]? _lags;
    private int _partitions;

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
        _brokerList = brokerList;
        _topic = topic;
        _group = group;
        _connect = connect;
        _loops = loops;
        _time = time;
        _logger = logger;
    }

    public string BrokerList => _brokerList;

    public string Topic => _topic;

    /// <summary>The group whose lag is told; null when no function consumes the topic.</summary>
    public string? Group => _group;

    /// <summary>Whether the cluster named a leader for a partition of the topic within the last 6 s.</summary>
    public bool IsUp => _isUp;

    /// <summary>How many records the group has not committed; null when unknown or when there is no group.</summary>
    public long? Lag => _lags?.Sum();

    /// <summary>The same for each partition, from 0; null when unknown or when there is no group.</summary>
    public IReadOnlyList<long>? PartitionLags => _lags;

    /// <summary>Gets the loop that asks for the state; null before the start.</summary>
    public BackgroundLoop? StatusLoop => _statusLoop;

    /// <summary>Gets the loop that asks for the lag; null before the start and when there is no group.</summary>
    public BackgroundLoop? LagLoop => _lagLoop;

    private IEnumerable<BackgroundLoop> Running => new[] { _statusLoop, _lagLoop }.OfType<BackgroundLoop>();

    public void Start()
    {
        _startedAt = _time.GetTimestamp();
        _statusLoop = _loops.RunOnThread("kafka-status", _interval, _ => CheckTopic());
        if (_group is not null)
        {
            _lagLoop = _loops.RunOnThread("kafka-lag", _lagInterval, CheckLag);
        }
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
            Disconnect();
        }
    }

    // A client may lose all its brokers for good (https://github.com/confluentinc/librdkafka/issues/5301): after a while without an
    // answer there is a new one.
    private string? Connect()
    {
        if (_client is not null && _time.GetElapsedTime(_quietSince) < _patience)
        {
            return null;
        }

        _patience = _client is null ? _firstPatience : TimeSpan.FromTicks(Math.Min(_patience.Ticks * 2, _longestPatience.Ticks));
        _quietSince = _time.GetTimestamp();
        try
        {
            lock (_clientLock)
            {
                Disconnect();
                _client = _connect(Note);
            }

            _admin = new DependentAdminClientBuilder(_client.Handle).Build();
            return null;
        }
        catch (Exception e) when (e is KafkaException or InvalidOperationException or ArgumentException)
        {
            Disconnect();
            return "there is no client: " + e.Message;
        }
    }

    private void Disconnect()
    {
        Interlocked.Exchange(ref _admin, null)?.Dispose();
        Interlocked.Exchange(ref _client, null)?.Dispose();
    }

    private void CheckTopic()
    {
        var problem = Connect();
        if (_client is { } client && _admin is { } admin)
        {
            problem = Ask(client, admin);
        }

        if (problem is null)
        {
            _lastAnswer = _time.GetTimestamp();
            _patience = _firstPatience;
            _clientError = null;
        }

        var isUp = _lastAnswer is { } last && _time.GetElapsedTime(last) <= _upTime;
        if (isUp != _isUp || (!_isTold && (isUp || !IsReasonAwaited())))
        {
            _isUp = isUp;
            _isTold = true;
            if (isUp)
            {
                LogUp(_logger, _brokerList, _topic);
            }
            else
            {
                LogDown(_logger, _brokerList, _topic, SafeText.OneLine(problem ?? "it did not answer in time", 256));
            }
        }

        if (!isUp)
        {
            _lags = null;
        }
    }

    // At first the cause is worth waiting for: that a question timed out does not tell it.
    private bool IsReasonAwaited() => _client is not null && _clientError is null && !_hasAnswered && _time.GetElapsedTime(_startedAt) < _upTime;

    private string? Ask(IConsumer<Ignore, Ignore> client, IAdminClient admin)
    {
        // Also when all is well: a poll is when a client asks for its next token.
        TakeErrors(client);
        try
        {
            var metadata = admin.GetMetadata(_topic, _timeout);
            _quietSince = _time.GetTimestamp();
            _hasAnswered = true;
            return Problem(metadata.Topics.Find(t => t.Topic == _topic));
        }
        catch (KafkaException e)
        {
            TakeErrors(client);
            return _clientError ?? e.Error.Reason;
        }
    }

    // Untold, the client's errors would pile up in it; some it tells by an exception.
    private void TakeErrors(IConsumer<Ignore, Ignore> client)
    {
        try
        {
            client.Consume(TimeSpan.Zero);
        }
        catch (KafkaException e)
        {
            Note(e.Error);
        }
    }

    // That all brokers are down follows the error that says why.
    private void Note(Error error) =>
        _clientError = error.Code == ErrorCode.Local_AllBrokersDown ? _clientError ?? error.Reason : error.Reason;

    private string? Problem(TopicMetadata? topic)
    {
        if (topic is null || topic.Error.IsError)
        {
            return topic?.Error.Reason ?? "the cluster does not know the topic";
        }

        Volatile.Write(ref _partitions, topic.Partitions.Count);
        return topic.Partitions.Exists(p => p.Leader >= 0) ? null : "no partition of the topic has a leader";
    }

    private void CheckLag(CancellationToken stopping)
    {
        lock (_clientLock)
        {
            if (_isUp && _client is { } client)
            {
                AskForLag(client, stopping);
            }
        }
    }

    private void AskForLag(IConsumer<Ignore, Ignore> client, CancellationToken stopping)
    {
        try
        {
            var partitions = Enumerable.Range(0, Volatile.Read(ref _partitions)).Select(p => new TopicPartition(_topic, p)).ToList();
            var lags = new long[partitions.Count];
            foreach (var committed in client.Committed(partitions, _timeout))
            {
                if (stopping.IsCancellationRequested)
                {
                    return;
                }

                var watermarks = client.QueryWatermarkOffsets(committed.TopicPartition, _timeout);
                var position = committed.Offset.IsSpecial ? watermarks.Low : committed.Offset;
                lags[committed.Partition.Value] = Math.Max(0, watermarks.High - Math.Max(position, watermarks.Low));
            }

            _lags = lags;
        }
        catch (KafkaException)
        {
            _lags = null;
        }
    }

    [LoggerMessage(80, LogLevel.Information, "Kafka is UP: {BrokerList} has the topic {Topic}.")]
    private static partial void LogUp(ILogger logger, string brokerList, string topic);

    [LoggerMessage(81, LogLevel.Warning, "Kafka is NOT UP: {BrokerList}, topic {Topic}: {Reason}")]
    private static partial void LogDown(ILogger logger, string brokerList, string topic, string reason);
}
