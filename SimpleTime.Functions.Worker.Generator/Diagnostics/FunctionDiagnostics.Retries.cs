using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

internal static partial class FunctionDiagnostics
{
    public static readonly DiagnosticDescriptor MultipleRetries = new(
        "FUNC028",
        "More than one retry attribute",
        "The function '{0}' has more than one retry attribute; keep one",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor UnsupportedRetry = new(
        "FUNC029",
        "Unsupported retry attribute",
        "'{0}' is not a retry attribute that this host supports; use [FixedDelayRetry] or [ExponentialBackoffRetry]",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor RetryOnHttpFunction = new(
        "FUNC030",
        "Retry of an HTTP function",
        "The HTTP function '{0}' cannot be repeated, as its caller waits for one answer; remove [{1}]",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor InvalidRetryInterval = new(
        "FUNC031",
        "Invalid retry interval",
        "The {0} '{1}' is not a time; write it as hh:mm:ss, such as \"00:00:10\"",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NegativeRetryInterval = new(
        "FUNC032",
        "Negative retry interval",
        "The {0} '{1}' is negative; write zero or more",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor RetryMinimumOverMaximum = new(
        "FUNC033",
        "Retry minimum over maximum",
        "The minimum interval '{0}' is longer than the maximum interval '{1}'; swap or change them",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor InvalidRetryCount = new(
        "FUNC034",
        "Invalid retry count",
        "The retry count {0} is below -1; write -1 to repeat until it succeeds, or how often to repeat at the most",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);
}
