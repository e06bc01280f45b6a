using System.Diagnostics;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>The system's clock, which fails for one method as nobody expects it to. Safe for use by several threads.</summary>
internal sealed class FaultyTime : TimeProvider
{
    public const string Message = "nobody expected this";

    private volatile string? _method;

    /// <summary>Has the clock fail whoever asks from within a method.</summary>
    /// <param name="method">The type's and the method's name as a stack trace has them; null for none.</param>
    public void FailIn(string? method) => _method = method;

    public override long GetTimestamp() =>
        _method is { } method && new StackTrace().ToString().Contains(method, StringComparison.Ordinal)
            ? throw new InvalidTimeZoneException(Message)
            : base.GetTimestamp();
}
