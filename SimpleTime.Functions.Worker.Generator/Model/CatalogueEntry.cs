namespace SimpleTime.Functions.Worker.Generator;

/// <summary>A function's claim to a place in the catalogue.</summary>
/// <param name="Name">Its name; null when that is not a valid one.</param>
/// <param name="Function">The function; null when it has errors. Its name is taken all the same.</param>
internal sealed record CatalogueEntry(string? Name, FunctionModel? Function);
