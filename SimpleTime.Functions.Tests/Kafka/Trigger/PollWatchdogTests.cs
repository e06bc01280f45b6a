using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Worker.Kafka.Trigger;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>The end of a process whose consumer is stuck.</summary>
public sealed class PollWatchdogTests : IDisposable
{
    private static readonly TimeSpan _maxPollInterval = TimeSpan.FromMinutes(5);

    private readonly SuspendableTime _time = new();
    private readonly ListenerState _state = new();
    private readonly List<string> _ends = [];
    private readonly PollWatchdog _watchdog;

    public PollWatchdogTests()
    {
        _watchdog = new PollWatchdog(_maxPollInterval, _time, _ends.Add);
        _watchdog.Watch("F", _state);
    }

    public void Dispose() => _watchdog.Dispose();

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
        Pass(_maxPollInterval * 2);
        Assert.Empty(_ends);

        Pass(_maxPollInterval * 4);

        Assert.Contains("F", Assert.Single(_ends), StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_comes_soon_after_the_limit()
    {
        Pass(_maxPollInterval * 2.49);
        Assert.Empty(_ends);

        Pass(_maxPollInterval * 0.01);
        Assert.Single(_ends);
    }

    /// <summary>SIGSTOP and SIGCONT, as of a paused container: the clock goes on, and timers are late.</summary>
    [Fact]
    public void A_process_that_is_resumed_lives_when_its_loop_polls_again()
    {
        for (var i = 0; i < 10; i++)
        {
            Suspend(_maxPollInterval * 10);
            _state.LastPoll = _time.GetTimestamp();
            Pass(_maxPollInterval);
        }

        Assert.Empty(_ends);
    }

    [Fact]
    public void A_process_that_is_suspended_again_and_again_lives()
    {
        // Each time there is one look, before the loop comes to its poll.
        for (var i = 0; i < 10; i++)
        {
            Suspend(_maxPollInterval * 10);
        }

        Assert.Empty(_ends);
    }

    [Fact]
    public void A_loop_that_is_stuck_after_that_ends_the_process()
    {
        Suspend(_maxPollInterval * 10);
        Assert.Empty(_ends);

        _time.Advance(_maxPollInterval / 4);

        Assert.Single(_ends);
    }

    [Fact]
    public void Looks_that_come_late_and_at_once_count_as_one()
    {
        _time.Suspend(_maxPollInterval * 10);
        _time.Fire();
        _time.Fire();

        Assert.Empty(_ends);
    }

    // Timers of this clock fire at the end of a step.
    private void Pass(TimeSpan time)
    {
        var step = _maxPollInterval / 100;
        for (var passed = TimeSpan.Zero; passed < time; passed += step)
        {
            _time.Advance(step);
        }
    }

    private void Suspend(TimeSpan time)
    {
        _time.Suspend(time);
        _time.Fire();
    }

    /// <summary>A clock that can go on without its one timer, as that of a suspended process does.</summary>
    private sealed class SuspendableTime : FakeTimeProvider
    {
        private TimeSpan _suspended;
        private Action _fire = static () => { };

        /// <summary>Lets time go by, and no timer fire.</summary>
        public void Suspend(TimeSpan time) => _suspended += time;

        /// <summary>Has the timer fire now.</summary>
        public void Fire() => _fire();

        public override long GetTimestamp() => base.GetTimestamp() + (long)(_suspended.TotalSeconds * TimestampFrequency);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _fire = () => callback(state);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    [Fact]
    public void After_its_disposal_it_watches_no_more()
    {
        _watchdog.Dispose();
        _time.Advance(_maxPollInterval * 10);

        Assert.Empty(_ends);
    }
}
