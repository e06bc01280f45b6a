using Microsoft.Extensions.Logging;
using SimpleTime.Functions.AzureHost;
using SimpleTime.Functions.Tests.Hosting;
using Xunit;

namespace SimpleTime.Functions.Tests.AzureHost;

public sealed class OutsideInvocationsLogTests : IDisposable
{
    private readonly LogLines _console = new();
    private readonly ILoggerFactory _loggers;

    public OutsideInvocationsLogTests() => _loggers = LoggerFactory.Create(logging => logging.AddProvider(new OutsideInvocationsLog(_console)));

    public void Dispose()
    {
        _loggers.Dispose();
        _console.Dispose();
    }

    [Fact]
    public void What_is_logged_outside_an_invocation_is_written()
    {
        Write("SimpleTime.Functions.Settings.SettingsCheck", "POD_IP is wrong.");
        using (_loggers.CreateLogger("x").BeginScope(new Dictionary<string, object> { ["RequestId"] = "1" }))
        {
            Write("Microsoft.AspNetCore.Server.Kestrel", "A request failed.");
        }

        Assert.Equal(["POD_IP is wrong.", "A request failed."], _console.All.Select(line => line.Text));
        Assert.Equal((LogLevel.Warning, "SimpleTime.Functions.Settings.SettingsCheck"), (_console.All[0].Level, _console.All[0].Category));
    }

    [Fact]
    public async Task What_is_logged_in_an_invocation_is_left_to_the_host()
    {
        using (_loggers.CreateLogger("x").BeginScope(new Dictionary<string, object> { ["AzureFunctions_FunctionName"] = "Time", ["AzureFunctions_InvocationId"] = "1" }))
        {
            using var inner = _loggers.CreateLogger("x").BeginScope("inner");
            await Task.Yield();
            Write("SimpleTime.Functions.Events.FailureLog", "Time failed.");
        }

        Assert.Empty(_console.All);
        Write("SimpleTime.Functions.Events.FailureLog", "Time failed once more.");
        Assert.Equal("Time failed once more.", Assert.Single(_console.All).Text);
    }

    private void Write(string category, string text) => _loggers.CreateLogger(category).Log(LogLevel.Warning, default, text, null, (state, _) => state);
}
