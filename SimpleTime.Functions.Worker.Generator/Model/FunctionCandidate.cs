namespace SimpleTime.Functions.Worker.Generator;

/// <summary>A method marked as a function, with what is wrong with it.</summary>
/// <param name="Entry">What it contributes to the catalogue.</param>
/// <param name="EntryPoint">The method, for people.</param>
/// <param name="NameLocation">Where its name is written.</param>
/// <param name="Diagnostics">What is wrong with it.</param>
internal sealed record FunctionCandidate(
    CatalogueEntry Entry, string EntryPoint, LocationInfo? NameLocation, EquatableArray<DiagnosticInfo> Diagnostics);
