using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Worker.Kafka.Trigger;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>The end of a process whose consumer is stuck.</summary>
public sealed class PollWatchdogTests : IDisposable
{
    private static readonly TimeSpan _maxPollInterval = TimeSpan.FromMinutes(5);

    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _logs = new();
    private readonly LoggerFactory _loggers = new();
    private readonly ListenerState _state = new();
    private readonly List<string> _ends = [];
    private readonly PollWatchdog _watchdog;

    public PollWatchdogTests()
    {
        _loggers.AddProvider(_logs);
        _watchdog = new PollWatchdog(_maxPollInterval, _time, _ends.Add, _loggers.CreateLogger<PollWatchdog>());
        _watchdog.Watch("F", _state);
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        _loggers.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public void A_loop_that_polls_lives()
    {
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(9));
            _state.LastPoll = _time.GetTimestamp();
        }

        Assert.Empty(_ends);
    }

    [Fact]
    public void Silence_for_twice_the_interval_and_no_less_ends_the_process_once()
    {
        _time.Advance(_maxPollInterval * 2);
        Assert.Empty(_ends);

        _time.Advance(_maxPollInterval * 2);
        _time.Advance(_maxPollInterval * 2);

        Assert.Contains("F", Assert.Single(_ends), StringComparison.Ordinal);
        Assert.Equal(LogLevel.Critical, Assert.Single(_logs.All).Level);
    }

    [Fact]
    public void The_end_comes_soon_after_the_limit()
    {
        _time.Advance(_maxPollInterval * 2.3);

        Assert.Single(_ends);
    }

    [Fact]
    public void After_its_disposal_it_watches_no_more()
    {
        _watchdog.Dispose();
        _time.Advance(_maxPollInterval * 10);

        Assert.Empty(_ends);
    }
}
