namespace SimpleTime.Functions.Worker.Diagnostics;

internal static class WorkerMeter
{
    /// <summary>The name of the worker's meter.</summary>
    public const string Name = "SimpleTime.Functions.Worker";
}
