using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

internal static partial class FunctionDiagnostics
{
    public static readonly DiagnosticDescriptor UnsupportedReturnType = new(
        "FUNC018",
        "Unsupported return type",
        "The return type '{0}' is not supported; {1}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor AsyncVoid = new(
        "FUNC019",
        "Async void function",
        "The function '{0}' is async void, so nobody can tell when it ends or that it failed; return Task",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor MissingHttpResult = new(
        "FUNC020",
        "No [HttpResult] property",
        "'{0}' is returned by the HTTP function '{1}' but has no [HttpResult] property; add [HttpResult] to its property of " +
            "type IResult",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor MultipleHttpResults = new(
        "FUNC021",
        "More than one [HttpResult] property",
        "'{0}' has more than one [HttpResult] property; keep it on one",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor HttpResultType = new(
        "FUNC022",
        "[HttpResult] property is not an IResult",
        "The [HttpResult] property '{0}' is of type '{1}'; make it an IResult",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor HttpResultOnKafkaFunction = new(
        "FUNC023",
        "[HttpResult] without an HTTP trigger",
        "The Kafka function '{0}' has nobody to answer, but the property '{1}' is its [HttpResult]; remove the attribute",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor UnreadableOutput = new(
        "FUNC024",
        "Output cannot be read",
        "The output property '{0}' has no public getter; give it one, and make it an instance property",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor MultipleOutputsOnProperty = new(
        "FUNC025",
        "More than one output attribute",
        "The property '{0}' has more than one output attribute; give each output a property of its own",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor UnsupportedOutput = new(
        "FUNC026",
        "Unsupported output",
        "'{0}' is not an output that this host supports; use [KafkaOutput] or [HttpResult]",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor OutputOnMethod = new(
        "FUNC027",
        "Output attribute on a method",
        "[{0}] stands on the method '{1}'; put it on a property of the type that the method returns",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);
}
