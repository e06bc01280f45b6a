using System.Diagnostics;

namespace SimpleTime.Functions.Worker.Diagnostics;

internal static class WorkerTracing
{
    /// <summary>Where the worker's spans come from. Without a listener it makes none.</summary>
    public static readonly ActivitySource Source = new(WorkerMeter.Name);

    /// <summary>Marks a span as failed.</summary>
    /// <param name="span">The span; null for none.</param>
    /// <param name="type">What kind of failure it is: one of few values.</param>
    /// <param name="description">What went wrong; cut at 256 characters.</param>
    public static void Fail(Activity? span, string type, string description) =>
        span?.SetTag("error.type", type).SetStatus(ActivityStatusCode.Error, SafeText.OneLine(description, 256));
}
