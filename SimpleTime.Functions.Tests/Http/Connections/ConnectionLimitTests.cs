using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Http.Connections;

/// <summary>A worker with as many connections as it may have.</summary>
#pragma warning disable CA1001 // xunit disposes through IAsyncLifetime.
public sealed class ConnectionLimitTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private const int Limit = 16;
    private const string Closed = "functions.http.connections.closed";

    private readonly TaskCompletionSource _gate = new();
    private TestWorker _worker = null!;
    private HeldConnections _connections = null!;
    private Metering _metering = null!;
    private int _waiting;

    public async Task InitializeAsync()
    {
        _worker = await TestWorker.StartAsync(
            [
                TestFunctions.Http("Home", TestFunctions.RootRoute),
                TestFunctions.Http("Large", _ => Results.Bytes(new byte[20_000_000])),
                TestFunctions.Http("Wait", new HttpTriggerAttribute(AuthorizationLevel.Anonymous), async bindings =>
                {
                    Interlocked.Increment(ref _waiting);
                    await _gate.Task;
                    bindings.SetResult(Results.Text("done"));
                }),
            ],
            new Dictionary<string, string?> { ["MAX_CONNECTIONS"] = $"{Limit}", ["AzureFunctionsJobHost:extensions:http:routePrefix"] = "" });
        _connections = new HeldConnections(_worker.Client.BaseAddress!.Port);
        _metering = new Metering(_worker.Services.GetRequiredService<IMeterFactory>());
    }

    public async Task DisposeAsync()
    {
        _gate.TrySetResult();
        _connections.Dispose();
        _metering.Dispose();
        await _worker.DisposeAsync();
    }

    [Fact]
    public async Task The_longest_idle_connection_is_closed_for_a_new_one()
    {
        var first = await _connections.OpenAndGetAsync();
        var second = await _connections.OpenAndGetAsync();
        for (var i = 2; i < Limit; i++)
        {
            await _connections.OpenAndGetAsync();
        }

        await HeldConnections.GetAsync(first);
        Assert.Equal(Limit, _connections.OpenCount);

        await HeldConnections.GetAsync(await _connections.OpenAsync());

        Assert.True(HeldConnections.IsClosed(second));
        Assert.Equal(Limit, _connections.OpenCount);
        Assert.Equal(1, _metering.Observe(Closed));
        Assert.Single(_worker.Logs.All, line => line.Text.StartsWith("The limit of 16 connections (MAX_CONNECTIONS) is reached: 1 were closed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /Home HTTP/1.1\r\nHost: lo")]
    [InlineData("GET /Large HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    public async Task Neither_silence_nor_half_of_the_headers_nor_an_answer_that_is_not_read_keeps_others_out(string text)
    {
        for (var i = 0; i < Limit; i++)
        {
            await _connections.OpenAsync(text, receiveBuffer: 4096);
        }

        for (var i = 0; i < Limit * 2; i++)
        {
            await HeldConnections.GetAsync(await _connections.OpenAsync());
        }

        await Eventually.EqualsAsync(Limit * 2L, () => _metering.Observe(Closed));
        Assert.Equal("Home", await _worker.Client.GetStringAsync("/"));
    }

    [Fact]
    public async Task Where_each_has_a_request_in_progress_the_new_one_is_refused_and_those_are_answered()
    {
        var waiting = new List<System.Net.Sockets.Socket>();
        for (var i = 0; i < Limit; i++)
        {
            waiting.Add(await _connections.OpenAsync("GET /Wait HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        }

        await Eventually.EqualsAsync(Limit, () => Volatile.Read(ref _waiting));
        for (var i = 0; i < 3; i++)
        {
            var refused = await _connections.OpenAsync();
            await Eventually.BecomesTrueAsync(() => HeldConnections.IsClosed(refused));
        }

        _gate.SetResult();
        foreach (var socket in waiting)
        {
            Assert.True(await socket.ReceiveAsync(new byte[4096]).WaitAsync(Eventually.DefaultDeadline) > 0);
        }

        await Eventually.EqualsAsync("Home", () => _worker.Client.GetStringAsync("/"));
    }

    [Fact]
    public async Task A_closed_connection_makes_room()
    {
        for (var i = 0; i < Limit * 3; i++)
        {
            using var one = new HeldConnections(_worker.Client.BaseAddress!.Port);
            await one.OpenAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            await Eventually.EqualsAsync(0, () => one.OpenCount);
        }

        Assert.Equal(0, _metering.Observe(Closed));
    }

    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 1024L)]
    [InlineData("Max open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max processes             96365                96365                processes ", null)]
    public void The_limit_of_open_files_is_read_from_proc(string line, long? expected) =>
        Assert.Equal(expected, OpenFileLimit.Parse(["Limit                     Soft Limit           Hard Limit           Units     ", line]));

    [Theory]
    [InlineData(1024L, 724)]
    [InlineData(600L, 300)]
    [InlineData(256L, 64)]
    [InlineData(4L, 1)]
    [InlineData(65536L, 10_000)]
    [InlineData(null, 10_000)]
    public void Unset_it_leaves_files_for_everything_else(long? openFiles, int expected) =>
        Assert.Equal(expected, MaxConnections(null, openFiles, out _));

    [Fact]
    public void More_than_there_are_files_for_is_one_line()
    {
        Assert.Equal(1024 - 300, MaxConnections("5000", 1024, out var notices));
        Assert.Equal("The setting MAX_CONNECTIONS is \"5000\" but must be a whole number from 16 to 724; 724 is used.", Assert.Single(notices));
        Assert.Equal(5000, MaxConnections("5000", 1 << 20, out notices));
        Assert.Empty(notices);
    }

    private static int MaxConnections(string? value, long? openFiles, out IReadOnlyList<string> lines)
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationManager { ["MAX_CONNECTIONS"] = value };
        var notices = new StartupNotices();
        var settings = HostSettings.Read(new SettingReader(configuration, notices), openFiles);
        lines = notices.Lines;
        return settings.MaxConnections;
    }
}
