using System.Globalization;
using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>Reads and checks the retry attribute of a function.</summary>
internal static class RetryParser
{
    public static AttributeModel? Parse(
        IMethodSymbol method, string name, TriggerKind? trigger, DiagnosticBag diagnostics, CancellationToken cancellationToken)
    {
        var retries = method.GetAttributes().Where(static attribute => KnownTypes.IsAnyRetry(attribute.AttributeClass)).ToList();
        foreach (var extra in retries.Skip(1))
        {
            diagnostics.Report(FunctionDiagnostics.MultipleRetries, AttributeReader.LocationOf(extra, cancellationToken), name);
        }

        foreach (var retry in retries)
        {
            if (AttributeReader.IsComplete(retry))
            {
                Check(retry, name, trigger, diagnostics, cancellationToken);
            }
            else
            {
                diagnostics.LeaveToCompiler();
            }
        }

        return retries.Count == 1 && diagnostics.IsClean ? AttributeReader.Read(retries[0]) : null;
    }

    private static void Check(
        AttributeData retry, string name, TriggerKind? trigger, DiagnosticBag diagnostics, CancellationToken cancellationToken)
    {
        var location = AttributeReader.LocationOf(retry, cancellationToken);
        var shortName = AttributeReader.ShortName(retry);
        if (trigger == TriggerKind.Http)
        {
            diagnostics.Report(FunctionDiagnostics.RetryOnHttpFunction, location, name, shortName);
            return;
        }

        if (KnownTypes.IsFixedDelayRetry(retry.AttributeClass))
        {
            Interval(retry, "delayInterval", "delay", diagnostics, cancellationToken);
        }
        else if (KnownTypes.IsExponentialBackoffRetry(retry.AttributeClass))
        {
            var minimum = Interval(retry, "minimumInterval", "minimum interval", diagnostics, cancellationToken);
            var maximum = Interval(retry, "maximumInterval", "maximum interval", diagnostics, cancellationToken);
            if (minimum > maximum)
            {
                diagnostics.Report(
                    FunctionDiagnostics.RetryMinimumOverMaximum, AttributeReader.LocationOf(retry, "minimumInterval", cancellationToken),
                    minimum.Value.ToString("c"), maximum.Value.ToString("c"));
            }
        }
        else
        {
            diagnostics.Report(FunctionDiagnostics.UnsupportedRetry, location, shortName);
            return;
        }

        if (AttributeReader.Value(retry, "maxRetryCount") is int count and < -1)
        {
            diagnostics.Report(
                FunctionDiagnostics.InvalidRetryCount, AttributeReader.LocationOf(retry, "maxRetryCount", cancellationToken),
                count.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static TimeSpan? Interval(
        AttributeData retry, string parameter, string what, DiagnosticBag diagnostics, CancellationToken cancellationToken)
    {
        var text = AttributeReader.Value(retry, parameter) as string ?? "";
        var location = AttributeReader.LocationOf(retry, parameter, cancellationToken);

        // The "c" format would read "10" as ten days.
        if (text.Count(static c => c == ':') != 2 || !TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var interval))
        {
            diagnostics.Report(FunctionDiagnostics.InvalidRetryInterval, location, what, text);
            return null;
        }

        if (interval < TimeSpan.Zero)
        {
            diagnostics.Report(FunctionDiagnostics.NegativeRetryInterval, location, what, text);
            return null;
        }

        return interval;
    }
}
