namespace SimpleTime.Functions.Worker.Generator;

/// <summary>The default value of a parameter.</summary>
/// <param name="PatternType">The parameter's type as a type pattern takes it: a nullable value type is its underlying type.</param>
/// <param name="Value">The value as a C# expression.</param>
internal sealed record FallbackModel(string PatternType, string Value);
