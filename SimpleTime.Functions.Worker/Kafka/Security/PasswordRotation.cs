using System.Runtime.InteropServices;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>
/// Reads the file of <c>KAFKA_SASL_PASSWORD_FILE</c> again every few seconds, and gives a new password to all clients. It looks at the
/// content, since Kubernetes swaps links to change a Secret's files. Safe for use by several threads.
/// </summary>
internal sealed partial class PasswordRotation(KafkaSecurity security, BackgroundLoops loops, ILogger<PasswordRotation> logger) : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly List<(IClient Client, SafeHandle Handle)> _clients = [];
    private string? _problem = security.Problem;
    private BackgroundLoop? _loop;
    private bool _isDisposed;

    /// <summary>Gives a client each new password for as long as it lives.</summary>
    /// <param name="client">The client.</param>
    /// <param name="handle">Its native handle, which is closed when the client ends.</param>
    public void Add(IClient client, SafeHandle handle)
    {
        if (!security.HasPasswordFile)
        {
            return;
        }

        lock (_lock)
        {
            _clients.RemoveAll(static known => known.Handle.IsClosed);
            _clients.Add((client, handle));
            if (security.Problem is null)
            {
                // It may have changed since the client got its properties.
                Give(client, handle);
            }

            // A file system may hang.
            _loop ??= _isDisposed ? null : loops.RunOnThread("kafka-password", _interval, _ => Check());
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
        var isNew = security.TryRenewPassword(out var problem);
        if (problem is not null && problem != _problem)
        {
            Log.Unreadable(logger, problem);
        }
        else if (isNew || (problem is null && _problem is not null))
        {
            Log.Read(logger, isNew ? "there is a new password" : "it is the last password");
        }

        _problem = problem;
        lock (_lock)
        {
            _clients.RemoveAll(static known => known.Handle.IsClosed);
            if (isNew)
            {
                _clients.ForEach(known => Give(known.Client, known.Handle));
            }
        }
    }

    // A client that ends meanwhile is not freed before it has its password.
    private void Give(IClient client, SafeHandle handle)
    {
        var isHeld = false;
        try
        {
            handle.DangerousAddRef(ref isHeld);
            security.GivePassword(client);
        }
        catch (ObjectDisposedException)
        {
            // It has ended, and needs none.
        }
        finally
        {
            if (isHeld)
            {
                handle.DangerousRelease();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(34, LogLevel.Warning, "{Problem} The last password stays until it can be read.")]
        public static partial void Unreadable(ILogger logger, string problem);

        [LoggerMessage(39, LogLevel.Information, "The file of the setting " + KafkaSecurity.PasswordFileSetting + " was read again: {Result}.")]
        public static partial void Read(ILogger logger, string result);
    }
}
