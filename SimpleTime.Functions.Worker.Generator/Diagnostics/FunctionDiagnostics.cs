using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>What can be wrong with a function.</summary>
internal static partial class FunctionDiagnostics
{
    private const string Category = "Functions";

    public static readonly DiagnosticDescriptor DuplicateName = new(
        "FUNC001",
        "Function name used twice",
        "The function name '{0}' is already used by '{1}', and names are compared without regard to case; give this " +
            "function a name of its own",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor InvalidName = new(
        "FUNC002",
        "Invalid function name",
        "'{0}' is not a valid function name; write 1 to 127 of the letters A-Z and a-z, digits, '_' and '-', starting with " +
            "a letter",
        Category,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true);
}
