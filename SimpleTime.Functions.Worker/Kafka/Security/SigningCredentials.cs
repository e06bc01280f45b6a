using Amazon.Runtime;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>The keys that a token is signed with. Secret.</summary>
/// <param name="Keys">The keys.</param>
/// <param name="ExpiresAt">When they are void, and with them what they signed; null for never.</param>
internal sealed record SigningCredentials(ImmutableCredentials Keys, DateTimeOffset? ExpiresAt)
{
    /// <summary>Without the keys, so that no log has them.</summary>
    public override string ToString() => $"credentials until {ExpiresAt:O}";
}
