namespace SimpleTime.Functions.Worker.Generator;

/// <summary>A property that an attribute sets.</summary>
/// <param name="Name">The property.</param>
/// <param name="Value">The value as a C# expression.</param>
internal sealed record NamedArgumentModel(string Name, string Value);
