using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Native;
using SimpleTime.Functions.Worker.Kafka.Security;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>
/// Builds clients of the worker's own properties and those of host.json. What librdkafka refuses of the latter is said and left out, since
/// the service runs without it; but a client that would be less secure without it connects nowhere. Safe for use by several threads.
/// </summary>
internal sealed partial class ClientBuilder(KafkaSettings settings, CredentialRotation credentials, ILogger logger)
{
    private const string Bootstrap = "bootstrap.servers";

    // The settings without which a client is still the right one.
    private static readonly string[] _optional =
        ["debug", "statistics.interval.ms", "queued.min.messages", "max.partition.fetch.bytes", "fetch.max.bytes"];

    // What librdkafka refuses with Kafka 4's own group protocol, where the broker decides it.
    private static readonly string[] _classicProtocol = ["session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"];

    // Told once: clients are made again and again while Kafka is away.
    private readonly ConcurrentDictionary<string, bool> _told = new();

    private readonly Lock _lock = new();
    private readonly List<(SafeHandle Handle, Action<Error> OnError)> _disconnected = [];
    private volatile string? _refusal;

    /// <summary>Gets which property kept the last client from connecting, on one line; null when none did.</summary>
    public string? SecurityProblem => _refusal;

    /// <summary>Builds a client.</summary>
    /// <param name="config">The worker's own properties.</param>
    /// <param name="onError">
    /// Told with a fatal error that the client, which connects nowhere, should be replaced, since another one connects now. Must not block.
    /// </param>
    /// <param name="build">Makes a client of properties.</param>
    /// <param name="ownAlone">The worker's own properties that host.json does not change.</param>
    /// <exception cref="KafkaException">The client cannot be made.</exception>
    /// <exception cref="InvalidOperationException">A property is wrong.</exception>
    public TClient Build<TClient>(
        ClientConfig config, Action<Error> onError, Func<IEnumerable<KeyValuePair<string, string>>, TClient> build, params string[] ownAlone)
        where TClient : IClient
    {
        LibrdkafkaLibrary.EnsureLoaded();
        if (LibrdkafkaLibrary.Problem is { } problem && _told.TryAdd(problem, true))
        {
            Log.WrongLibrary(logger, problem);
        }

        var extra = settings.Librdkafka.ExceptBy(ownAlone, property => property.Key).ToDictionary();
        var own = config.ToDictionary();
        string? refusal = null;
        while (true)
        {
            try
            {
                var client = build(Merge(own, extra));
                var handle = (SafeHandle)GroupOffsetNative.ClientOf(client.Handle);
                credentials.Add(client, handle, config, onError);
                Note(refusal);
                TellDisconnected(own[Bootstrap] == KafkaBrokers.Unreachable ? (handle, onError) : null);
                return client;
            }
            catch (Exception e) when (IsRefusal(e) && extra.Count > 0 && IsTaken(own, build))
            {
                var wrong = Culprit(own, extra, e, build);
                if (SecurityProperties.IsSecurity(wrong))
                {
                    refusal = Describe(wrong, e);
                    Disconnect(own, extra);
                    continue;
                }

                extra.Remove(wrong);
                if (_told.TryAdd(wrong, true))
                {
                    Log.WrongProperty(logger, SafeText.OneLine(wrong, 128), SafeText.OneLine(e.Message, 256));
                }
            }
            catch (Exception e) when (IsRefusal(e) && RemoveOptional(own))
            {
                if (_told.TryAdd("", true))
                {
                    Log.WrongValues(logger, SafeText.OneLine(e.Message, 256));
                }
            }
        }
    }

    private static string Describe(string property, Exception refusal) =>
        $"The Kafka client does not take the property {SafeText.OneLine(property, 128)} of host.json's extensions.kafka.librdkafka: {SafeText.OneLine(refusal.Message, 256)}";

    private void Note(string? refusal)
    {
        if (Interlocked.Exchange(ref _refusal, refusal) != refusal && refusal is not null)
        {
            Log.Insecure(logger, refusal);
        }
    }

    private void TellDisconnected((SafeHandle, Action<Error>)? another)
    {
        (SafeHandle Handle, Action<Error> OnError)[] disconnected;
        lock (_lock)
        {
            _disconnected.RemoveAll(static client => client.Handle.IsClosed);
            if (another is { } client)
            {
                _disconnected.Add(client);
                return;
            }

            disconnected = [.. _disconnected];
        }

        Array.ForEach(disconnected, static client => client.OnError(
            new Error(ErrorCode.Local_Fatal, "it was made to connect nowhere, since its security was wrong, which is put right now", isFatal: true)));
    }

    // Nothing that is secret is left in it either.
    private static void Disconnect(params Dictionary<string, string>[] properties)
    {
        foreach (var some in properties)
        {
            foreach (var name in some.Keys.Where(SecurityProperties.IsSecurity).ToList())
            {
                some.Remove(name);
            }
        }

        properties[0][Bootstrap] = KafkaBrokers.Unreachable;
    }

    // A trial reaches nobody: it would be less secure than the client that is to be made.
    private static bool IsTaken<TClient>(
        IEnumerable<KeyValuePair<string, string>> properties, Func<IEnumerable<KeyValuePair<string, string>>, TClient> build)
        where TClient : IClient
    {
        try
        {
            build(new Dictionary<string, string>(properties) { [Bootstrap] = KafkaBrokers.Unreachable }).Dispose();
            return true;
        }
        catch (Exception e) when (IsRefusal(e))
        {
            return false;
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Merge(Dictionary<string, string> own, Dictionary<string, string> extra)
    {
        var isClassic = !string.Equals(extra.GetValueOrDefault("group.protocol"), "consumer", StringComparison.OrdinalIgnoreCase);
        return own.Where(property => !extra.ContainsKey(property.Key) && (isClassic || !_classicProtocol.Contains(property.Key))).Concat(extra);
    }

    private static bool IsRefusal(Exception e) => e is InvalidOperationException or ArgumentException or KafkaException;

    // The message names first what is wrong, but may do so by an alias, and name another property that it does not agree with.
    private static string Culprit<TClient>(
        Dictionary<string, string> own, Dictionary<string, string> extra, Exception refusal, Func<IEnumerable<KeyValuePair<string, string>>, TClient> build)
        where TClient : IClient
    {
        var mentioned = extra.Keys.Where(key => refusal.Message.Contains(key, StringComparison.Ordinal));
        if (mentioned.MinBy(key => refusal.Message.IndexOf(key, StringComparison.Ordinal)) is { } named)
        {
            return named;
        }

        return extra.Keys.FirstOrDefault(key => IsTaken(Merge(own, extra.Where(p => p.Key != key).ToDictionary()), build)) ?? extra.Keys.First();
    }

    private static bool RemoveOptional(Dictionary<string, string> own)
    {
        var before = own.Count;
        Array.ForEach(_optional, key => own.Remove(key));
        return own.Count < before;
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Warning, "The property {Property} in host.json's extensions.kafka.librdkafka is ignored: {Reason}")]
        public static partial void WrongProperty(ILogger logger, string property, string reason);

        [LoggerMessage(22, LogLevel.Error, "{Problem}. Without it a client would be less secure: Kafka is NOT UP until that is put right.")]
        public static partial void Insecure(ILogger logger, string problem);

        [LoggerMessage(24, LogLevel.Warning, "{Problem}")]
        public static partial void WrongLibrary(ILogger logger, string problem);

        [LoggerMessage(23, LogLevel.Warning, "host.json's extensions.kafka: the debug, statistics and fetch settings are ignored: {Reason}")]
        public static partial void WrongValues(ILogger logger, string reason);
    }
}
