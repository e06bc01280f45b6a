using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

internal static partial class FunctionDiagnostics
{
    public static readonly DiagnosticDescriptor NoTrigger = new(
        "FUNC008",
        "No trigger",
        "The function '{0}' has no trigger; put [HttpTrigger] on an HttpRequest parameter, or [KafkaTrigger] on a " +
            "KafkaRecord or KafkaRecord[] parameter",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor MultipleTriggers = new(
        "FUNC009",
        "More than one trigger",
        "The function '{0}' has more than one trigger; keep one and make the others functions of their own",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor UnsupportedTrigger = new(
        "FUNC010",
        "Unsupported trigger",
        "'{0}' is not a trigger that this host supports; use [HttpTrigger] or [KafkaTrigger]",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor UnsupportedParameter = new(
        "FUNC011",
        "Unsupported parameter",
        "The parameter '{0}' of type '{1}' is not supported; {2}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor RootRoute = new(
        "FUNC012",
        "Route is a slash",
        "The route \"/\" of the function '{0}' breaks the official host; write " +
            "Route = \"{{ignored:maxlength(0)?}}\" with \"routePrefix\": \"\" in host.json to answer at the root",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor LeadingSlash = new(
        "FUNC013",
        "Route starts with a slash",
        "The route '{0}' starts with '/'; write it without, because routes are relative to the route prefix",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor ReservedRoute = new(
        "FUNC014",
        "Reserved route",
        "The route '{0}' starts with '{1}', which the official host reserves; choose another route",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor UnsupportedAuthorizationLevel = new(
        "FUNC015",
        "Unsupported authorization level",
        "AuthorizationLevel.{0} is not supported; use AuthorizationLevel.Anonymous or AuthorizationLevel.Function",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor BatchNotDeclared = new(
        "FUNC016",
        "Array of records without IsBatched",
        "The parameter '{0}' takes an array of records; set IsBatched = true on its [KafkaTrigger], or take one KafkaRecord",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor BatchDeclared = new(
        "FUNC017",
        "One record with IsBatched",
        "The parameter '{0}' takes one record, but its [KafkaTrigger] sets IsBatched = true; take KafkaRecord[], or remove " +
            "IsBatched",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);
}
