namespace SimpleTime.Functions.Worker.Generator;

/// <summary>How the instance of a function class is disposed of.</summary>
internal enum Disposal
{
    None,
    Synchronous,
    Asynchronous,
}
