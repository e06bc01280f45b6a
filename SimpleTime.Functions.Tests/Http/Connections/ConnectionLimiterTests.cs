using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Http.Connections;
using Xunit;

namespace SimpleTime.Functions.Tests.Http.Connections;

/// <summary>Which connection is closed for a new one, and what that costs.</summary>
public sealed class ConnectionLimiterTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task It_is_the_longest_idle_one_whatever_the_order_of_their_requests()
    {
        const int limit = 50;
        var limiter = Limiter(limit);
        var random = new Random(1);
        var open = new List<(TrackedConnection Connection, DefaultConnectionContext Inner)>();
        for (var round = 0; round < 2000; round++)
        {
            // Some are used, and one that is comes.
            for (var i = 0; i < open.Count / 3; i++)
            {
                var used = open[random.Next(open.Count)].Connection;
                used.BeginRequest(new HttpResponseFeature(), _time.GetTimestamp());
                _time.Advance(TimeSpan.FromMilliseconds(1));
                used.EndRequest(_time.GetTimestamp());
            }

            _time.Advance(TimeSpan.FromMilliseconds(1));
            var longest = open.Count < limit ? default : open.MinBy(c => c.Connection.IdleSince);
            open.Add(await AdmitAsync(limiter));
            if (longest.Inner is { } expected)
            {
                Assert.True(expected.ConnectionClosed.IsCancellationRequested);
                open.Remove(longest);
            }
        }

        Assert.All(open, one => Assert.False(one.Inner.ConnectionClosed.IsCancellationRequested));
        Assert.Equal(limit, open.Count);
    }

    [Fact]
    public async Task One_with_a_request_in_progress_is_closed_for_none_and_is_idle_again_after_it()
    {
        var limiter = Limiter(2);
        var busy = await AdmitAsync(limiter);
        busy.Connection.BeginRequest(new HttpResponseFeature(), _time.GetTimestamp());
        var idle = await AdmitAsync(limiter);

        var next = await AdmitAsync(limiter);
        Assert.True(idle.Inner.ConnectionClosed.IsCancellationRequested);
        next.Connection.BeginRequest(new HttpResponseFeature(), _time.GetTimestamp());
        Assert.Null(await limiter.AdmitAsync(Connection()));

        busy.Connection.EndRequest(_time.GetTimestamp());
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await AdmitAsync(limiter);
        Assert.True(busy.Inner.ConnectionClosed.IsCancellationRequested);
        Assert.False(next.Inner.ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task Removing_a_connection_twice_makes_room_once()
    {
        var limiter = Limiter(2);
        var first = await AdmitAsync(limiter);
        var second = await AdmitAsync(limiter);
        await first.Connection.DisposeAsync();
        await first.Connection.DisposeAsync();

        await AdmitAsync(limiter);
        Assert.False(second.Inner.ConnectionClosed.IsCancellationRequested);
        await AdmitAsync(limiter);
        Assert.True(second.Inner.ConnectionClosed.IsCancellationRequested);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_flood_of_connections_costs_no_walk_through_all_of_them_each(bool areBusy)
    {
        // A walk each would cost 100 times as much among 100 times as many; the best of some, since whatever else the machine does only adds.
        List<TimeSpan> few = [];
        List<TimeSpan> many = [];
        do
        {
            few.Add(await FloodAsync(100, areBusy));
            many.Add(await FloodAsync(10_000, areBusy));
        }
        while (many.Count < 10 && many.Min() > 10 * few.Min());

        Assert.True(many.Min() <= 10 * few.Min(), $"{many.Min()} among 10 000, {few.Min()} among 100.");
    }

    /// <summary>How long it takes to let 5 000 connections in, or to refuse them, where there are as many as may be.</summary>
    private async Task<TimeSpan> FloodAsync(int limit, bool areBusy)
    {
        var limiter = Limiter(limit);
        for (var i = 0; i < limit; i++)
        {
            var (connection, _) = await AdmitAsync(limiter);
            if (areBusy)
            {
                connection.BeginRequest(new HttpResponseFeature(), _time.GetTimestamp());
            }
        }

        // What comes first walks through all, once.
        await limiter.AdmitAsync(Connection());
        var flood = Enumerable.Range(0, 5_000).Select(_ => Connection()).ToArray();
        var since = Stopwatch.GetTimestamp();
        foreach (var connection in flood)
        {
            Assert.Equal(areBusy, await limiter.AdmitAsync(connection) is null);
        }

        return Stopwatch.GetElapsedTime(since);
    }

    private static AbortedConnection Connection()
    {
        var closed = new CancellationTokenSource();
        return new AbortedConnection(closed) { ConnectionClosed = closed.Token };
    }

    private static async Task<(TrackedConnection Connection, DefaultConnectionContext Inner)> AdmitAsync(ConnectionLimiter limiter)
    {
        var inner = Connection();
        return ((await limiter.AdmitAsync(inner))!, inner);
    }

    private ConnectionLimiter Limiter(int limit) => new(
        limit,
        _time,
        new ConnectionMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()),
        new ThrottledLog(_time),
        NullLogger<ConnectionLimiter>.Instance);

    private sealed class AbortedConnection(CancellationTokenSource closed) : DefaultConnectionContext
    {
        public override void Abort(ConnectionAbortedException abortReason) => closed.Cancel();
    }
}
