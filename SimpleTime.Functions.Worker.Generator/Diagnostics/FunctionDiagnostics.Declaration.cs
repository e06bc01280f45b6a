using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

internal static partial class FunctionDiagnostics
{
    public static readonly DiagnosticDescriptor NotAMethod = new(
        "FUNC003",
        "Not a method of a class",
        "'{0}' cannot be a function; put [Function] on a method of a public class",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NotPublic = new(
        "FUNC004",
        "Not public",
        "'{0}' is not public; make it and every type around it public, because functions and what they return are",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor AbstractClass = new(
        "FUNC005",
        "Abstract function class",
        "'{0}' is abstract, so no instance can be made to call its functions on; put them on a class that is not abstract",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor Generic = new(
        "FUNC006",
        "Generic function",
        "'{0}' is generic or stands in a generic class, and a function cannot have type parameters; remove them",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NoUsableConstructor = new(
        "FUNC007",
        "No usable constructor",
        "No instance of '{0}' can be made; {1}",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);
}
