using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.RuntimeDependencies;
using Amazon.SecurityToken;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>
/// The credentials of the AWS SDK's own chain: environment, web identity (IRSA), profile, container (EKS Pod Identity), instance. They
/// renew themselves.
/// </summary>
internal static class AwsCredentials
{
    static AwsCredentials() =>
        // The SDK would look for this client by reflection, which a native binary does not have.
        GlobalRuntimeDependencyRegistry.Instance.RegisterSecurityTokenServiceClient(static context =>
            new AmazonSecurityTokenServiceClient(
                new AnonymousAWSCredentials(), context.SecurityTokenServiceClientContextData?.Region ?? FallbackRegionFactory.GetRegionEndpoint()));

    /// <summary>Gets them, if need be over the network.</summary>
    /// <exception cref="AmazonClientException">There are none, or nobody answers.</exception>
    public static async Task<SigningCredentials> GetAsync()
    {
        // The chain looks into files and asks the instance on the calling thread.
        var credentials = await Task.Run(static () => DefaultAWSCredentialsIdentityResolver.GetCredentials(null)).ConfigureAwait(false);
        var keys = await credentials.GetCredentialsAsync().ConfigureAwait(false);
        return new SigningCredentials(keys, credentials.Expiration is { } end ? new DateTimeOffset(end.ToUniversalTime()) : null);
    }
}
