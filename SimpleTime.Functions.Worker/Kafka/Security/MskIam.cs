using System.Diagnostics.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>Whether this build can sign for Amazon MSK, which takes the AWS SDK.</summary>
/// <remarks>
/// A feature switch of the runtime: where the app's project sets <see cref="Switch"/> to false with <c>Trim</c>, a native binary is
/// published without that SDK.
/// </remarks>
internal static class MskIam
{
    public const string Switch = "SimpleTime.Functions.Worker.MskIam";

    [FeatureSwitchDefinition(Switch)]
    public static bool IsSupported => !AppContext.TryGetSwitch(Switch, out var supported) || supported;
}
