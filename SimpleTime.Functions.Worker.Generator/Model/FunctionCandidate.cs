namespace SimpleTime.Functions.Worker.Generator;

/// <summary>A method marked as a function, with what is wrong with it.</summary>
/// <param name="Entry">What it contributes to the catalogue.</param>
/// <param name="EntryPoint">The method, for people.</param>
/// <param name="NameLocation">Where its name is written.</param>
/// <param name="Diagnostics">What is wrong with it.</param>
internal sealed record FunctionCandidate(
    CatalogueEntry Entry, string EntryPoint, LocationInfo? NameLocation, EquatableArray<DiagnosticInfo> Diagnostics);

/// <summary>A function's claim to a place in the catalogue.</summary>
/// <param name="Name">Its name; null when that is not a valid one.</param>
/// <param name="Function">The function; null when it has errors. Its name is taken all the same.</param>
internal sealed record CatalogueEntry(string? Name, FunctionModel? Function);
