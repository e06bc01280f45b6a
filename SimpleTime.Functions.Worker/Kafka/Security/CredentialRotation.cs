using System.Runtime.InteropServices;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>
/// Reads the files of passwords and certificates again every few seconds. Gives a new password to all clients, and has those replaced that
/// were made with another certificate, which a client reads only once. It looks at the content, since Kubernetes swaps links to change a
/// Secret's files. Safe for use by several threads.
/// </summary>
internal sealed partial class CredentialRotation(KafkaSecurity security, BackgroundLoops loops, ILogger<CredentialRotation> logger) : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly List<KnownClient> _clients = [];
    private readonly Dictionary<CredentialFile, string?> _problems = security.Files.ToDictionary(static file => file, static file => file.Problem);
    private BackgroundLoop? _loop;
    private bool _isDisposed;

    /// <summary>Looks after a client for as long as it lives.</summary>
    /// <param name="client">The client.</param>
    /// <param name="handle">Its native handle, which is closed when the client ends.</param>
    /// <param name="config">What it was made of.</param>
    /// <param name="onError">Told with a fatal error, once or more, that it should be replaced. Must not block.</param>
    public void Add(IClient client, SafeHandle handle, ClientConfig config, Action<Error> onError)
    {
        if (security.Files.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            var known = new KnownClient(client, handle, config, onError);
            _clients.RemoveAll(static known => known.Handle.IsClosed);
            _clients.Add(known);
            if (security.Problem is null)
            {
                // It may have changed since the client got its properties.
                Give(known);
            }

            // A file system may hang.
            _loop ??= _isDisposed ? null : loops.RunOnThread("kafka-credentials", _interval, _ => Check());
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _loop?.Dispose();
        }
    }

    private void Check()
    {
        var isNew = false;
        foreach (var file in security.Files)
        {
            isNew |= Renew(file);
        }

        KnownClient[] outdated;
        lock (_lock)
        {
            _clients.RemoveAll(static known => known.Handle.IsClosed);
            if (isNew)
            {
                _clients.ForEach(Give);
            }

            outdated = [.. _clients.Where(known => !security.IsCurrent(known.Config))];
        }

        Array.ForEach(outdated, static known => known.OnError(
            new Error(ErrorCode.Local_Fatal, "it was made with other credentials than there are now", isFatal: true)));
    }

    private bool Renew(CredentialFile file)
    {
        var isNew = file.TryRenew(out var problem);
        var last = _problems[file];
        if (problem is not null && problem != last)
        {
            Log.Unreadable(logger, problem, file.Noun);
        }
        else if (isNew || (problem is null && last is not null))
        {
            Log.Read(logger, file.Setting, isNew ? "there is a new" : "it is the last", file.Noun);
        }

        _problems[file] = problem;
        return isNew;
    }

    // A client that ends meanwhile is not freed before it has its password.
    private void Give(KnownClient known)
    {
        var isHeld = false;
        try
        {
            known.Handle.DangerousAddRef(ref isHeld);
            security.GivePassword(known.Client);
        }
        catch (ObjectDisposedException)
        {
            // It has ended, and needs none.
        }
        finally
        {
            if (isHeld)
            {
                known.Handle.DangerousRelease();
            }
        }
    }

    private sealed record KnownClient(IClient Client, SafeHandle Handle, ClientConfig Config, Action<Error> OnError);

    private static partial class Log
    {
        [LoggerMessage(34, LogLevel.Warning, "{Problem} The last {Noun} stays until it can be read.")]
        public static partial void Unreadable(ILogger logger, string problem, string noun);

        [LoggerMessage(39, LogLevel.Information, "The file of the setting {Setting} was read again: {Result} {Noun}.")]
        public static partial void Read(ILogger logger, string setting, string result, string noun);
    }
}
