namespace SimpleTime.Functions.Worker.Generator;

/// <summary>An attribute as it was written.</summary>
/// <param name="TypeName">The attribute's class, fully qualified.</param>
/// <param name="Arguments">The constructor's arguments as C# expressions, one for each parameter.</param>
/// <param name="NamedArguments">The properties that are set.</param>
internal sealed record AttributeModel(
    string TypeName, EquatableArray<string> Arguments, EquatableArray<NamedArgumentModel> NamedArguments);

/// <summary>A property that an attribute sets.</summary>
/// <param name="Name">The property.</param>
/// <param name="Value">The value as a C# expression.</param>
internal sealed record NamedArgumentModel(string Name, string Value);
