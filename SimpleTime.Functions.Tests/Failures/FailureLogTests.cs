using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Diagnostics;
using SimpleTime.Functions.Failures;
using SimpleTime.Functions.Worker.Diagnostics;
using Xunit;

namespace SimpleTime.Functions.Tests.Failures;

public sealed class FailureLogTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<string> _lines = [];
    private readonly ThrottledLog _throttled;
    private readonly FailureLog _log;

    public FailureLogTests()
    {
        _throttled = new ThrottledLog(_clock);
        _log = new FailureLog(new ServiceMetrics(_services.GetRequiredService<IMeterFactory>()), _throttled, new ListLogger(_lines));
    }

    public void Dispose()
    {
        _throttled.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Logs_a_line_a_minute_for_each_function_and_counts_the_rest()
    {
        Fail("Time", 1000);
        Fail("PersistEvents", 1);
        _clock.Advance(TimeSpan.FromSeconds(59));
        Fail("Time", 1);
        Assert.Equal(
            ["Time failed; 0 more failures since its last such line.", "PersistEvents failed; 0 more failures since its last such line."], _lines);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Fail("Time", 5);

        Assert.Equal("Time failed; 999 more failures since its last such line.", Assert.Single(_lines.Skip(2)));
    }

    [Fact]
    public async Task What_is_not_logged_yet_is_logged_at_the_end()
    {
        Fail("Time", 1000);
        Fail("PersistEvents", 1);

        await _throttled.StopAsync(CancellationToken.None);

        Assert.Equal("Time failed; 998 more failures since its last such line.", Assert.Single(_lines.Skip(2)));
    }

    private void Fail(string function, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _log.Write(function, new InvalidOperationException("It broke."));
        }
    }

    private sealed class ListLogger(List<string> lines) : ILogger<FailureLog>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Assert.NotNull(exception);
            lines.Add(formatter(state, exception));
        }
    }
}
