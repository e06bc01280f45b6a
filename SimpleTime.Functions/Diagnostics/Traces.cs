using System.Diagnostics;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Diagnostics;

/// <summary>The service's own spans, and what becomes of those of a request.</summary>
internal static class Traces
{
    /// <summary>Where the service's spans come from. Without a listener it makes none.</summary>
    public static readonly ActivitySource Source = new(ServiceMetrics.MeterName);

    /// <summary>Marks a span as failed.</summary>
    /// <param name="span">The span; null for none.</param>
    /// <param name="type">What kind of failure it is: one of few values.</param>
    /// <param name="description">What went wrong; cut at 256 characters.</param>
    public static void Fail(Activity? span, string? type, string description) =>
        span?.SetTag("error.type", type).SetStatus(ActivityStatusCode.Error, SafeText.OneLine(description, 256));

    /// <summary>Keeps the current span and those around it in this process from being exported: those of a probe would drown all others.</summary>
    public static void Discard()
    {
        for (var span = Activity.Current; span is not null; span = span.Parent)
        {
            span.IsAllDataRequested = false;
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
