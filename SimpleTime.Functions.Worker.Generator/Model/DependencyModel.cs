namespace SimpleTime.Functions.Worker.Generator;

/// <summary>A parameter of a function class's constructor.</summary>
/// <param name="TypeName">Its type, fully qualified.</param>
/// <param name="IsServiceProvider">Whether it is the service provider itself.</param>
/// <param name="Key">The key of a keyed service as a C# expression.</param>
/// <param name="Fallback">What an optional parameter gets when there is no such service.</param>
internal sealed record DependencyModel(string TypeName, bool IsServiceProvider, string? Key, FallbackModel? Fallback);
