using System.Diagnostics;

namespace SimpleTime.Functions.Diagnostics;

/// <summary>What becomes of the spans of a request.</summary>
internal static class Traces
{
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
