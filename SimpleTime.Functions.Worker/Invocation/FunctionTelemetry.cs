using System.Diagnostics;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Invocation;

/// <summary>Measures and traces the invocations of one function. Safe for use by several threads.</summary>
internal sealed class FunctionTelemetry(RegisteredFunction function, InvocationMetrics metrics)
{
    private int _isWarm;

    /// <summary>Gets a timestamp to give to <see cref="End"/>.</summary>
    public long Now => metrics.Now;

    /// <summary>Starts the span of an invocation within a request.</summary>
    /// <returns>Null when nobody wants it: no listener, or a request that is not recorded.</returns>
    public Activity? StartSpan(FunctionInvocation invocation)
    {
        var span = WorkerTracing.Source.HasListeners() && Activity.Current is not { Recorded: false }
            ? WorkerTracing.Source.StartActivity(function.Name) : null;
        Describe(span, invocation);
        return span;
    }

    /// <summary>Says on a span which invocation it is. Called for each, since the first is the cold start whether it is traced or not.</summary>
    public void Describe(Activity? span, FunctionInvocation invocation)
    {
        var isCold = _isWarm == 0 && Interlocked.Exchange(ref _isWarm, 1) == 0;
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("faas.name", function.Name);
            span.SetTag("faas.trigger", function.TriggerKind);
            span.SetTag("faas.invocation_id", invocation.InvocationId);
            span.SetTag("faas.coldstart", isCold);
        }
    }

    /// <summary>Ends the span and counts the invocation.</summary>
    /// <param name="span">The span; null for none.</param>
    /// <param name="started">When it began: an earlier <see cref="Now"/>.</param>
    /// <param name="failure">Why it failed; null when it ended well.</param>
    public void End(Activity? span, long started, Exception? failure)
    {
        var errorType = failure?.GetType().FullName;
        metrics.Ended(function, started, errorType);
        if (failure is not null)
        {
            WorkerTracing.Fail(span, errorType!, failure.Message);
        }

        span?.Dispose();
    }
}
