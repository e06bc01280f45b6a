using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Telemetry;
using SimpleTime.Functions.Tests.Hosting;
using Xunit;

namespace SimpleTime.Functions.Tests.Telemetry;

public sealed class SdkEventsTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly LogLines _lines = new();
    private readonly LoggerFactory _loggers;
    private readonly SdkEvents _events = new();

    public SdkEventsTests() => _loggers = new LoggerFactory([_lines]);

    private IEnumerable<string> Texts => _lines.All.Select(line => line.Text);

    public void Dispose()
    {
        _events.Dispose();
        _loggers.Dispose();
    }

    [Fact]
    public void Of_failures_the_first_is_a_line_and_then_one_a_minute_with_their_number()
    {
        LogTo();
        for (var i = 0; i < 100; i++)
        {
            _events.Take(i % 2 == 0 ? "TransientHttpError" : "ExportFailure", $"failure {i}");
            _events.Take("ExistsDroppedExportProcessorItems", "dropped");
            _clock.Advance(TimeSpan.FromSeconds(0.59));
        }

        Assert.Contains("failure 0 (0 more", Assert.Single(Texts), StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("dropped (198 more", Assert.Single(Texts.Skip(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Failures_that_are_not_told_yet_are_told_at_the_end()
    {
        LogTo();
        _events.Take("ExportFailure", "first");
        _events.Take("ExportFailure", "second");
        _events.Take("ExportFailure", "third");

        _events.Dispose();

        Assert.Equal(2, _lines.All.Count);
        Assert.Contains("third (1 more", _lines.All[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Failures_from_before_there_was_a_log_are_one_line()
    {
        _events.Take("ExportFailure", "first");
        _events.Take("ExportFailure", "second");

        LogTo();

        Assert.Contains("second (1 more", Assert.Single(Texts), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_wrong_setting_is_a_line_also_one_from_before_there_was_a_log()
    {
        _events.Take("TracesSamplerConfigInvalid", "no such sampler");
        _events.Take("TracesSamplerConfigInvalid", "no such sampler");
        Assert.Empty(_lines.All);

        LogTo();
        _events.Take("InvalidConfigurationValue", "no such value");

        Assert.Equal(["OpenTelemetry: no such sampler", "OpenTelemetry: no such value"], Texts);
    }

    [Fact]
    public void What_is_told_of_meters_that_nobody_asked_for_is_not_told()
    {
        LogTo();

        _events.Take("MetricInstrumentIgnored", "ignored");

        Assert.Empty(_lines.All);
    }

    [Fact]
    public void Of_an_exception_the_first_line_and_the_innermost_one_are_told()
    {
        var failure = Assert.ThrowsAny<Exception>(() => Throw(new IOException(
            "The connection failed, see inner exception.", new InvalidOperationException("between", new TimeoutException("The cause.")))));

        Assert.Equal(
            "System.IO.IOException: The connection failed, see inner exception. ---> System.TimeoutException: The cause.",
            SdkEvents.WithoutStack(failure.ToString()));
        Assert.Equal("no exception", SdkEvents.WithoutStack("no exception"));
        Assert.Equal("", SdkEvents.WithoutStack(""));

        static void Throw(Exception exception) => throw exception;
    }

    private void LogTo() => _events.LogTo(_loggers.CreateLogger("telemetry"), _clock);
}
