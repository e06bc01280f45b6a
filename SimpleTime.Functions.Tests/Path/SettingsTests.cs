using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>Settings and arguments as people write them, given to the service as a process. Also run on the native binary.</summary>
[Trait("Category", "Smoke")]
public class SettingsTests
{
    private static readonly TimeSpan _exitTime = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:0;https://127.0.0.1:0")]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:8081,http://127.0.0.1:8082")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8081,8082")]
    [InlineData("PORT", "http")]
    public async Task An_address_that_is_wrong_is_one_line_and_exit_code_1(string name, string value)
    {
        await using var service = ServiceProcess.Launch(ServiceCalls.Settings("embedded", ("ASPNETCORE_URLS", null), (name, value)));

        Assert.Equal(1, await service.WaitForExitAsync(_exitTime));
        Assert.Contains(name, Assert.Single(service.Output), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("0.0.0.0")]
    public async Task A_port_in_use_is_one_line_and_exit_code_1_and_nothing_was_started(string host)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = string.Create(CultureInfo.InvariantCulture, $"http://{host}:{((IPEndPoint)other.LocalEndpoint).Port}");
        await using var service = ServiceProcess.Launch(ServiceCalls.Settings("embedded", ("ASPNETCORE_URLS", address)));

        Assert.Equal(1, await service.WaitForExitAsync(_exitTime));

        // The embedded broker would have told that it runs, before any consumer.
        var line = Assert.Single(service.Output);
        Assert.Contains("ASPNETCORE_URLS", line, StringComparison.Ordinal);
        Assert.Contains(address, line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(service.SpoolPath));
    }

    [Fact]
    public async Task An_address_that_is_not_of_this_machine_is_one_line_and_exit_code_1()
    {
        await using var service = ServiceProcess.Launch(ServiceCalls.Settings("embedded", ("ASPNETCORE_URLS", "http://192.0.2.1:8080")));

        Assert.Equal(1, await service.WaitForExitAsync(_exitTime));
        Assert.Contains("ASPNETCORE_URLS", Assert.Single(service.Output), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PORT", "http://[::]:")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "http://[::]:")]
    [InlineData("--port", "http://127.0.0.1:")]
    public async Task A_port_alone_is_listened_on(string name, string address)
    {
        await using var service = name.StartsWith('-')
            ? await ServiceProcess.StartAsync(ServiceCalls.Settings("127.0.0.1:1", ("ASPNETCORE_URLS", "http://wrong:1:2")), name, "0")
            : await ServiceProcess.StartAsync(ServiceCalls.Settings("127.0.0.1:1", ("ASPNETCORE_URLS", null), (name, "0")));

        Assert.Equal("healthy", (await service.GetJsonAsync("/healthz")).GetProperty("status").GetString());
        await service.LogsOnceAsync("Now listening on: " + address);
    }

    [Theory]
    [InlineData("--prot", "8081")]
    [InlineData("serve")]
    [InlineData("--urls")]
    public async Task An_unknown_argument_is_one_line_and_exit_code_2(params string[] args)
    {
        await using var service = ServiceProcess.Launch(ServiceCalls.Settings("embedded"), args);

        Assert.Equal(2, await service.WaitForExitAsync(_exitTime));
        Assert.Contains(args[0], Assert.Single(service.Output), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "--port N")]
    [InlineData("--version", ".")]
    [InlineData("replay-rejected --help", "--list")]
    public async Task Help_and_version_are_printed_and_nothing_is_started(string args, string text)
    {
        await using var service = ServiceProcess.Launch(ServiceCalls.Settings("embedded", ("ASPNETCORE_URLS", "wrong")), args.Split(' '));

        Assert.Equal(0, await service.WaitForExitAsync(_exitTime));
        Assert.Contains(service.Output, line => line.Contains(text, StringComparison.Ordinal));
        Assert.DoesNotContain(service.Output, line => line.Contains("listening", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_environments_level_wins_over_host_json()
    {
        await using var service = ServiceProcess.Launch(ServiceCalls.Settings(
            "127.0.0.1:1", ("Logging__LogLevel__Default", "None"), ("Logging__LogLevel__Microsoft.Hosting.Lifetime", "Information"), ("SHUTDOWN_DRAIN_SECONDS", "soon")));
        await service.WaitUntilListeningAsync(_exitTime);
        await Eventually.BecomesTrueAsync(() => service.Output.Any(line => line.Contains("Application started", StringComparison.Ordinal)));
        service.Terminate();

        Assert.Equal(0, await service.WaitForExitAsync(_exitTime));
        Assert.DoesNotContain(service.Output, line => line.Contains("SHUTDOWN_DRAIN_SECONDS", StringComparison.Ordinal)
            || line.Contains("PersistEvents", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Brokers_of_a_YAML_block_are_found()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings($"\n  {broker.BootstrapServers} ,\n\t127.0.0.1:1,\n"));

        await service.BecomesUpAsync();

        Assert.Equal($"{broker.BootstrapServers},127.0.0.1:1", (await service.GetJsonAsync("/kafka/status")).GetProperty("brokers").GetString());
        Assert.DoesNotContain(service.Output, line => line.StartsWith('\t') && line.Contains("127.0.0.1:1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SIGHUP_ends_as_SIGTERM_does()
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings("embedded"));
        await service.GetTimesAsync(5);

        Signals.Send(service.Id, Signals.HangUp);

        Assert.Equal(0, await service.WaitForExitAsync(_exitTime));
        Assert.Equal(5, await StoredEvents.AnsweredRequestsAsync(service.DatabasePath));
    }

    [Fact]
    public async Task SIGHUP_that_was_ignored_at_the_start_stays_so()
    {
        await using var service = await ServiceProcess.StartUnderAsync(["nohup"], ServiceCalls.Settings("embedded"));

        Signals.Send(service.Id, Signals.HangUp);
        // Signals that wait are delivered in no order: what follows is asked after the first was.
        await Eventually.BecomesTrueAsync(() => File.ReadLines($"/proc/{service.Id}/status")
            .Where(line => line.StartsWith("SigPnd", StringComparison.Ordinal) || line.StartsWith("ShdPnd", StringComparison.Ordinal))
            .All(line => line.EndsWith("0000000000000000", StringComparison.Ordinal)));
        await service.GetTimesAsync(5);

        Assert.Equal("ready", (await service.GetJsonAsync("/readyz")).GetProperty("status").GetString());
        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync(_exitTime));
    }
}
