using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Diagnostics;
using Xunit;

namespace SimpleTime.Functions.Tests.Diagnostics;

/// <summary>Loops that nothing ends but their owner.</summary>
public sealed class BackgroundLoopTests : IDisposable
{
    private const string Gauge = "functions.background_loops.failing";

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(20);

    private readonly CountedTime _time = new();
    private readonly LogLines _logs = new();
    private readonly ServiceProvider _services;
    private readonly BackgroundLoops _loops;
    private volatile Exception? _problem;
    private int _runs;

    public BackgroundLoopTests()
    {
        _services = new ServiceCollection().AddMetrics().AddLogging(logging => logging.AddProvider(_logs))
            .AddSingleton<TimeProvider>(_time).AddSingleton<BackgroundLoops>().BuildServiceProvider();
        _loops = _services.GetRequiredService<BackgroundLoops>();
    }

    public void Dispose()
    {
        _services.Dispose();
        _logs.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Work_that_throws_is_told_and_done_again_ever_less_often_until_it_succeeds(bool hasThread)
    {
        using var metering = new Metering(_services.GetRequiredService<IMeterFactory>());
        _problem = new InvalidCastException("nobody expected this");
        using var loop = Start(hasThread);
        await RunsAsync(1);
        await Eventually.EqualsAsync("nobody expected this", () => loop.Failure, _deadline);
        Assert.Equal(1, metering.Observe(Gauge));

        var runs = 1;
        foreach (var seconds in (int[])[1, 2, 4, 8, 16, 30, 30])
        {
            await AdvanceAsync(TimeSpan.FromSeconds(seconds - 0.01), runs);
            Assert.Equal(runs, Volatile.Read(ref _runs));
            _time.Advance(TimeSpan.FromSeconds(0.01));
            await RunsAsync(++runs);
        }

        // At 0 s, and at 61 s the six since.
        var lines = _logs.All;
        Assert.Equal([LogLevel.Error, LogLevel.Error], lines.Select(line => line.Level));
        Assert.Contains("(1 failures", lines[0].Text, StringComparison.Ordinal);
        Assert.Contains("(6 failures", lines[1].Text, StringComparison.Ordinal);
        Assert.Contains("InvalidCastException: nobody expected this", lines[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', lines[0].Text);

        _problem = null;
        await AdvanceAsync(TimeSpan.FromSeconds(30), runs);
        await Eventually.EqualsAsync(null, () => loop.Failure, _deadline);
        await Eventually.EqualsAsync(3, () => _logs.All.Count, _deadline);
        Assert.Equal(LogLevel.Information, _logs.All[2].Level);
        Assert.Contains("works again (1 failures", _logs.All[2].Text, StringComparison.Ordinal);
        Assert.Equal(0, metering.Observe(Gauge));

        // The next failure is the first again.
        _problem = new InvalidOperationException();
        await AdvanceAsync(_interval, ++runs);
        await RunsAsync(++runs);
        await AdvanceAsync(TimeSpan.FromSeconds(1), runs);
        await RunsAsync(++runs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Its_interval_counts_from_one_start_to_the_next(bool hasThread)
    {
        using var loop = hasThread
            ? _loops.RunOnThread("test", _interval, _ => Work())
            : _loops.Run("test", _interval, _ => Task.Run(Work, CancellationToken.None));
        await RunsAsync(1);
        await AdvanceAsync(TimeSpan.FromSeconds(0.49), 1);
        Assert.Equal(1, Volatile.Read(ref _runs));

        _time.Advance(TimeSpan.FromSeconds(0.01));
        await RunsAsync(2);

        void Work()
        {
            _time.Advance(_interval * 0.75);
            Interlocked.Increment(ref _runs);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_cancellation_of_its_own_end_is_no_failure_and_any_other_is(bool hasThread)
    {
        using var other = new CancellationTokenSource();
        await other.CancelAsync();
        var loop = hasThread
            ? _loops.RunOnThread("test", TimeSpan.Zero, Work)
            : _loops.Run("test", TimeSpan.Zero, async stopping =>
            {
                await Task.Yield();
                Work(stopping);
            });
        await Eventually.BecomesTrueAsync(() => loop.Failure is not null, _deadline);
        await AdvanceAsync(TimeSpan.FromSeconds(1), 1);
        await RunsAsync(2);
        Assert.False(loop.HasEnded);

        await loop.StopAsync(_deadline);

        Assert.True(loop.HasEnded);
        Assert.Single(_logs.All, line => line.Level == LogLevel.Error);

        void Work(CancellationToken stopping)
        {
            if (Interlocked.Increment(ref _runs) == 1)
            {
                other.Token.ThrowIfCancellationRequested();
            }

            stopping.WaitHandle.WaitOne();
            stopping.ThrowIfCancellationRequested();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_not_logged_is_when_it_ends(bool hasThread)
    {
        _problem = new InvalidOperationException();
        var loop = Start(hasThread);
        await RunsAsync(1);
        await AdvanceAsync(TimeSpan.FromSeconds(1), 1);
        await RunsAsync(2);
        await AdvanceAsync(TimeSpan.FromSeconds(2), 2);
        await RunsAsync(3);

        await loop.StopAsync(_deadline);

        Assert.Contains("ends (2 failures", _logs.All[^1].Text, StringComparison.Ordinal);
        Assert.Null(loop.Failure);
    }

    [Fact]
    public async Task A_loop_that_fails_every_other_time_is_logged_no_more_often()
    {
        using var loop = _loops.RunOnThread("test", TimeSpan.FromSeconds(1), _ =>
        {
            if (Interlocked.Increment(ref _runs) % 2 == 1)
            {
                throw new InvalidOperationException();
            }
        });
        for (var runs = 1; runs <= 120; runs++)
        {
            await RunsAsync(runs);
            await AdvanceAsync(TimeSpan.FromSeconds(1), runs);
        }

        await RunsAsync(121);
        await Eventually.EqualsAsync(3, () => _logs.Count(" failed and goes on"), _deadline);
        Assert.Equal(2, _logs.Count("works again"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_that_fails_does_not_end_it(bool hasThread)
    {
        using var services = new ServiceCollection().AddMetrics().AddLogging(logging => logging.AddProvider(new FailingLog()))
            .AddSingleton<TimeProvider>(_time).AddSingleton<BackgroundLoops>().BuildServiceProvider();
        _problem = new InvalidOperationException("nobody expected this");
        var loop = Start(hasThread, services.GetRequiredService<BackgroundLoops>());
        await RunsAsync(1);
        await AdvanceAsync(TimeSpan.FromMinutes(2), 1);
        await RunsAsync(2);
        Assert.Equal("nobody expected this", loop.Failure);

        _problem = null;
        await AdvanceAsync(TimeSpan.FromMinutes(2), 2);
        await RunsAsync(3);
        await loop.StopAsync(_deadline);

        Assert.True(loop.HasEnded);
    }

    [Fact]
    public async Task Work_that_hangs_is_left_behind()
    {
        using var release = new ManualResetEventSlim();
        var loops = new BackgroundLoops(TimeProvider.System, _services.GetRequiredService<IMeterFactory>(), _services.GetRequiredService<ILogger<BackgroundLoops>>());
        var loop = loops.RunOnThread("test", _interval, _ =>
        {
            Interlocked.Increment(ref _runs);
            release.Wait(CancellationToken.None);
        });
        await RunsAsync(1);

        await loop.StopAsync(TimeSpan.FromMilliseconds(50)).WaitAsync(_deadline);

        Assert.False(loop.HasEnded);
        release.Set();
        await Eventually.BecomesTrueAsync(() => loop.HasEnded, _deadline);
    }

    private BackgroundLoop Start(bool hasThread, BackgroundLoops? loops = null)
    {
        loops ??= _loops;
        return hasThread
            ? loops.RunOnThread("test", _interval, _ => Work())
            : loops.Run("test", _interval, async _ =>
            {
                await Task.Yield();
                Work();
            });

        void Work()
        {
            Interlocked.Increment(ref _runs);
            if (_problem is { } problem)
            {
                throw problem;
            }
        }
    }

    private Task RunsAsync(int runs) => Eventually.EqualsAsync(runs, () => Volatile.Read(ref _runs), _deadline);

    /// <summary>Lets time go by once the loop waits for it, which it does after each run.</summary>
    private async Task AdvanceAsync(TimeSpan time, int waits)
    {
        await Eventually.EqualsAsync(waits, () => _time.Timers, _deadline);
        _time.Advance(time);
    }

    /// <summary>A log whose every line fails.</summary>
    private sealed class FailingLog : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException();

        public void Dispose()
        {
        }
    }

    /// <summary>A clock that knows how often somebody began to wait.</summary>
    private sealed class CountedTime : FakeTimeProvider
    {
        private int _timers;

        public int Timers => Volatile.Read(ref _timers);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _timers);
            return timer;
        }
    }
}
