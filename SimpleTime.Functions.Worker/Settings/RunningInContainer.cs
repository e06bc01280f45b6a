namespace SimpleTime.Functions.Worker.Settings;

/// <summary>Tells a container from a machine.</summary>
internal static class RunningInContainer
{
    // Set by .NET's images. An image on another base sets it itself, as any image may that wants to be taken for one.
    private const string Variable = "DOTNET_RUNNING_IN_CONTAINER";

    /// <summary>Gets whether the process runs in a container.</summary>
    public static bool Value { get; } = Environment.GetEnvironmentVariable(Variable)?.Trim() is { } value
        && (value == "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase));
}
