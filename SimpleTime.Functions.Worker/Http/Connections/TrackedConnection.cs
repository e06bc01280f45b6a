using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace SimpleTime.Functions.Worker.Http.Connections;

/// <summary>
/// A connection that knows since when it has been idle. Requests tell it by <see cref="BeginRequest"/> and <see cref="EndRequest"/>, one at a time;
/// safe for use by several threads besides.
/// </summary>
internal sealed class TrackedConnection : ConnectionContext
{
    private readonly ConnectionContext _inner;
    private readonly ConnectionLimiter _limiter;
    private volatile IHttpResponseFeature? _response;
    private long _idleSince;

    public TrackedConnection(ConnectionContext inner, ConnectionLimiter limiter, long id, long now)
    {
        _inner = inner;
        _limiter = limiter;
        _idleSince = now;
        Id = id;
        Position = now;
        inner.Features.Set(this);
    }

    /// <summary>Gets a number of its own.</summary>
    public long Id { get; }

    /// <summary>Gets or sets where it stands among the limiter's connections: a timestamp not after <see cref="IdleSince"/>. The limiter's alone.</summary>
    public long Position { get; set; }

    /// <summary>
    /// Gets whether a request is in progress whose answer has not begun. An answer that a client does not read may take for ever: it counts as idle, like
    /// half of a request's headers.
    /// </summary>
    public bool IsBusy => _response is { HasStarted: false };

    /// <summary>Gets when it was opened or its last request began or ended: a timestamp.</summary>
    public long IdleSince => Volatile.Read(ref _idleSince);

    public override IDuplexPipe Transport
    {
        get => _inner.Transport;
        set => _inner.Transport = value;
    }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    public void BeginRequest(IHttpResponseFeature response, long now)
    {
        Volatile.Write(ref _idleSince, now);
        _response = response;
    }

    public void EndRequest(long now)
    {
        Volatile.Write(ref _idleSince, now);
        _response = null;
    }

    public override void Abort() => _inner.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => _inner.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _inner.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _limiter.Remove(this);
            await base.DisposeAsync().ConfigureAwait(false);
        }
    }
}
