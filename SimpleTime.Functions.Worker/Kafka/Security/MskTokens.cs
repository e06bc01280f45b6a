using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>
/// Keeps one good token for all clients of the process, renewed by a task of its own at half of its life, so that a client that asks
/// (on its polling thread, at four fifths of its token's life) need not wait. Safe for use by several threads.
/// </summary>
internal sealed partial class MskTokens : IDisposable
{
    // Only until the first answer of the credentials' source, whatever it is: nothing is in flight before that.
    private static readonly TimeSpan _firstWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _fetchTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _retryDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _shortestDelay = TimeSpan.FromSeconds(1);

    private readonly string? _region;
    private readonly Func<Task<SigningCredentials>> _credentials;
    private readonly TimeSpan _lifetime;
    private readonly BackgroundLoops _loops;
    private readonly TimeProvider _time;
    private readonly ILogger<MskTokens> _logger;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private volatile MskToken? _current;
    private volatile string _problem = "the credentials of AWS are not there yet";
    private BackgroundLoop? _renewal;
    private bool _isTold;
    private bool _isDisposed;

    public MskTokens(KafkaSecurity security, BackgroundLoops loops, TimeProvider time, ILogger<MskTokens> logger)
        : this(security.Region, AwsCredentials.GetAsync, MskToken.DefaultLifetime, loops, time, logger)
    {
    }

    /// <param name="region">The cluster's region; null when tokens are not used.</param>
    /// <param name="credentials">Gets the credentials.</param>
    /// <param name="lifetime">How long a token is good.</param>
    /// <param name="loops">Runs the renewal.</param>
    /// <param name="time">The time.</param>
    /// <param name="logger">Told when there are no credentials.</param>
    internal MskTokens(
        string? region,
        Func<Task<SigningCredentials>> credentials,
        TimeSpan lifetime,
        BackgroundLoops loops,
        TimeProvider time,
        ILogger<MskTokens> logger)
    {
        _region = region;
        _credentials = credentials;
        _lifetime = lifetime;
        _loops = loops;
        _time = time;
        _logger = logger;
    }

    /// <summary>Gives a client its token: the handler of its request for one. Waits for at most 2 s, and only until the credentials were asked for once.</summary>
    public void Give(IClient client)
    {
        try
        {
            if (Current() is { } token)
            {
                client.OAuthBearerSetToken(token.Value, token.ExpiresAt.ToUnixTimeMilliseconds(), MskToken.Principal);
            }
            else
            {
                // The client asks again after 10 s.
                client.OAuthBearerSetTokenFailure(_problem);
            }
        }
#pragma warning disable CA1031 // An exception must not leave the client's callback; it may have got a token that is just about to expire.
        catch (Exception)
#pragma warning restore CA1031
        {
            client.OAuthBearerSetTokenFailure("the client did not take the token");
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _renewal?.Dispose();
        }
    }

    private MskToken? Current()
    {
        lock (_lock)
        {
            _renewal ??= _isDisposed ? null : _loops.Run("kafka-tokens", TimeSpan.Zero, RenewAsync);
        }

        if (_current is null)
        {
            _first.Task.Wait(_firstWait);
        }

        return _current is { } token && token.ExpiresAt > _time.GetUtcNow() ? token : null;
    }

    /// <summary>Gets a token, and waits until it is time for the next.</summary>
    private async Task RenewAsync(CancellationToken stopping)
    {
        var delay = _retryDelay;
        try
        {
            var credentials = await _credentials().WaitAsync(_fetchTimeout, _time, stopping).ConfigureAwait(false);
            var now = _time.GetUtcNow();
            var token = MskToken.Sign(credentials, _region!, now, _lifetime);
            _current = token;
            _first.TrySetResult();
            delay = (token.ExpiresAt - now) / 2;
            delay = delay > _shortestDelay ? delay : _shortestDelay;
            if (_isTold)
            {
                Log.Back(_logger);
            }

            _isTold = false;
        }
#pragma warning disable CA1031 // Whatever the chain of credentials throws, the next round asks again.
        catch (Exception e) when (!stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // The kind alone: what a message of the SDK holds is not known.
            _first.TrySetResult();
            _problem = $"the credentials of AWS cannot be had ({e.GetType().Name})";
            if (!_isTold)
            {
                Log.NoCredentials(_logger, SafeText.OneLine(e.GetType().Name, 128));
            }

            _isTold = true;
        }

        await Task.Delay(delay, _time, stopping).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(28, LogLevel.Error, "No token for Kafka: the credentials of AWS cannot be had ({Reason}). It is tried again every 5 s.")]
        public static partial void NoCredentials(ILogger logger, string reason);

        [LoggerMessage(29, LogLevel.Information, "There are tokens for Kafka again.")]
        public static partial void Back(ILogger logger);
    }
}
