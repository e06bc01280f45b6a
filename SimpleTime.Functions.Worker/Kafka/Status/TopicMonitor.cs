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

    private readonly string _brokerList;
    private readonly string _topic;
    private readonly string? _group;
    private readonly Func<Action<Error>, IConsumer<Ignore, Ignore>> _connect;
    private readonly TimeProvider _time;
    private readonly ILogger<TopicMonitor> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _threads = [];
    private IConsumer<Ignore, Ignore>? _client;
    private IAdminClient? _admin;
    private volatile string? _clientError;
    private volatile bool _isUp;
    private bool _isTold;
    private long? _lastAnswer;
    private volatile long[]? _lags;
    private int _partitions;

    /// <param name="brokerList">The brokers, as they are told.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="group">The group whose lag is told; null for none.</param>
    /// <param name="connect">Makes a client of these brokers and this group; gets what to tell of the client's errors.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of each turn.</param>
    public TopicMonitor(
        string brokerList, string topic, string? group, Func<Action<Error>, IConsumer<Ignore, Ignore>> connect, TimeProvider time, ILogger<TopicMonitor> logger)
    {
        _brokerList = brokerList;
        _topic = topic;
        _group = group;
        _connect = connect;
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

    public void Start()
    {
        try
        {
            _client = _connect(Note);
            _admin = new DependentAdminClientBuilder(_client.Handle).Build();
        }
        catch (Exception e) when (e is KafkaException or InvalidOperationException or ArgumentException)
        {
            LogNoClient(_logger, _brokerList, SafeText.OneLine(e.Message, 512));
            return;
        }

        var client = _client;
        Run("kafka-status", _interval, admin => CheckTopic(admin, client), _admin);
        if (_group is not null)
        {
            Run("kafka-lag", _lagInterval, CheckLag, client);
        }
    }

    /// <summary>Ends the questions; one that hangs is left to the end of the process.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_threads).WaitAsync(_stopTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        // A client must not go while a thread is in a call of it.
        if (_threads.TrueForAll(thread => thread.IsCompleted))
        {
            Interlocked.Exchange(ref _admin, null)?.Dispose();
            Interlocked.Exchange(ref _client, null)?.Dispose();
        }
    }

    private void Run<T>(string name, TimeSpan interval, Action<T> check, T client)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _threads.Add(ended.Task);
        new Thread(() =>
        {
            TimeSpan left;
            do
            {
                // From start to start: a question that hangs must not put off the next.
                var started = _time.GetTimestamp();
                check(client);
                left = interval - _time.GetElapsedTime(started);
            }
            while (!_stopping.Token.WaitHandle.WaitOne(left > TimeSpan.Zero ? left : TimeSpan.Zero));
            ended.SetResult();
        })
        { IsBackground = true, Name = name }.Start();
    }

    private void CheckTopic(IAdminClient admin, IConsumer<Ignore, Ignore> client)
    {
        string? problem;
        // Also when all is well: a poll is when a client asks for its next token.
        TakeErrors(client);
        try
        {
            var metadata = admin.GetMetadata(_topic, _timeout);
            problem = Problem(metadata.Topics.Find(t => t.Topic == _topic));
        }
        catch (KafkaException e)
        {
            TakeErrors(client);
            problem = _clientError ?? e.Error.Reason;
        }

        if (problem is null)
        {
            _lastAnswer = _time.GetTimestamp();
            _clientError = null;
        }

        var isUp = _lastAnswer is { } last && _time.GetElapsedTime(last) <= _upTime;
        if (isUp != _isUp || !_isTold)
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

    private void CheckLag(IConsumer<Ignore, Ignore> client)
    {
        if (!_isUp)
        {
            return;
        }

        try
        {
            var partitions = Enumerable.Range(0, Volatile.Read(ref _partitions)).Select(p => new TopicPartition(_topic, p)).ToList();
            var lags = new long[partitions.Count];
            foreach (var committed in client.Committed(partitions, _timeout))
            {
                if (_stopping.IsCancellationRequested)
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

    [LoggerMessage(82, LogLevel.Error, "Kafka is NOT UP: there is no client for {BrokerList}: {Reason}")]
    private static partial void LogNoClient(ILogger logger, string brokerList, string reason);
}
