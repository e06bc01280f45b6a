using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Healthcheck;

/// <summary>The command <c>healthcheck</c>, as a container's health check runs it.</summary>
public sealed class HealthcheckCommandTests
{
    // What it waits for an answer, and a start on a busy machine.
    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(15);

    [Fact]
    [Trait("Category", "Smoke")]
    public async Task It_succeeds_while_the_service_answers_whatever_names_its_port_and_fails_when_it_hangs_or_has_ended()
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings("127.0.0.1:1"));
        var port = service.Client.BaseAddress!.Port.ToString(CultureInfo.InvariantCulture);

        await SucceedsAsync([("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"), ("http_proxy", "http://127.0.0.1:1"), ("HTTP_PROXY", "http://127.0.0.1:1")]);
        await SucceedsAsync([("ASPNETCORE_URLS", null), ("ASPNETCORE_HTTP_PORTS", port)]);
        await SucceedsAsync([("ASPNETCORE_URLS", null), ("PORT", port), ("DOTNET_RUNNING_IN_CONTAINER", "true")]);
        await SucceedsAsync([], "--port", port);

        service.Freeze();
        await FailsAsync($"http://127.0.0.1:{port}/healthz: no answer within 3 s", [("ASPNETCORE_URLS", $"http://127.0.0.1:{port}")]);
        service.KillHard();
        await service.WaitForExitAsync(_bound);
        await FailsAsync("Connection refused", [("ASPNETCORE_URLS", $"http://127.0.0.1:{port}")]);
    }

    [Fact]
    public async Task It_fails_where_another_server_answers()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answered = AnswerAsync(listener, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");

        await FailsAsync("the answer is 404", [("ASPNETCORE_URLS", $"http://{listener.LocalEndpoint}")]);
        Assert.StartsWith("GET /healthz HTTP/1.1", await answered, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("The settings name no address", "http://127.0.0.1:0")]
    [InlineData("The settings name no address", "http://unix:/tmp/socket")]
    [InlineData("Usage: healthcheck", "http://127.0.0.1:8080", "--prot", "1")]
    [InlineData("Usage: healthcheck", "http://127.0.0.1:8080", "--port")]
    public async Task What_makes_no_sense_is_said_and_is_unhealthy(string line, string urls, params string[] args) =>
        await FailsAsync(line, [("ASPNETCORE_URLS", urls)], args);

    private static async Task SucceedsAsync((string Name, string? Value)[] settings, params string[] args)
    {
        var (exitCode, output) = await RunAsync(settings, args);
        Assert.True(exitCode == 0, output);
        Assert.Empty(output);
    }

    private static async Task FailsAsync(string line, (string Name, string? Value)[] settings, params string[] args)
    {
        var (exitCode, output) = await RunAsync(settings, args);
        Assert.Equal(1, exitCode);
        Assert.Contains(line, output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync((string Name, string? Value)[] settings, string[] args)
    {
        var since = Stopwatch.GetTimestamp();
        await using var command = ServiceProcess.Launch(settings.ToDictionary(setting => setting.Name, setting => setting.Value), ["healthcheck", .. args]);
        var exitCode = await command.WaitForExitAsync(_bound);
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, _bound);
        return (exitCode, string.Join('\n', command.Output));
    }

    private static async Task<string> AnswerAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var buffer = new byte[1024];
        var length = await client.GetStream().ReadAsync(buffer);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
        return Encoding.ASCII.GetString(buffer, 0, length);
    }
}
