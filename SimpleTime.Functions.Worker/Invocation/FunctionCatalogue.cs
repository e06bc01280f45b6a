namespace SimpleTime.Functions.Worker;

/// <summary>
/// The functions of the assemblies loaded so far. The source generator fills it from a module initializer of each
/// assembly that has functions. Safe for use by several threads.
/// </summary>
public static class FunctionCatalogue
{
    private static readonly Lock _lock = new();
    private static readonly List<FunctionDescriptor> _functions = [];

    /// <summary>Adds the functions of an assembly.</summary>
    /// <param name="functions">The functions.</param>
    public static void Register(params ReadOnlySpan<FunctionDescriptor> functions)
    {
        lock (_lock)
        {
            _functions.AddRange(functions);
        }
    }

    /// <summary>Returns the functions registered so far.</summary>
    internal static IReadOnlyList<FunctionDescriptor> Snapshot()
    {
        lock (_lock)
        {
            return [.. _functions];
        }
    }
}
