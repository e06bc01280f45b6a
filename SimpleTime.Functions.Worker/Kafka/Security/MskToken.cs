using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>What opens an Amazon MSK cluster with IAM access control: a presigned request of the action <c>kafka-cluster:Connect</c>.</summary>
/// <remarks>Its form is that of AWS's own signers (github.com/aws/aws-msk-iam-sasl-signer-python). A secret until it expires.</remarks>
/// <param name="Value">The token, base64url without padding.</param>
/// <param name="ExpiresAt">When brokers no longer take it.</param>
internal sealed record MskToken(string Value, DateTimeOffset ExpiresAt)
{
    /// <summary>How long a broker takes a token, which is also the longest that MSK allows.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(15);

    // The client wants a name; MSK takes the identity from the signature.
    public const string Principal = "simple";

    private const string Service = "kafka-cluster";
    private const string UserAgent = "simpletime-functions-worker";

    /// <summary>Signs a token.</summary>
    /// <param name="credentials">Whose identity it proves.</param>
    /// <param name="region">The cluster's region.</param>
    /// <param name="now">The time of the signature.</param>
    /// <param name="lifetime">How long it is good, in whole seconds, up to <see cref="DefaultLifetime"/>; never longer than the credentials.</param>
    public static MskToken Sign(SigningCredentials credentials, string region, DateTimeOffset now, TimeSpan lifetime)
    {
        var request = new DefaultRequest(new ConnectRequest(), Service)
        {
            HttpMethod = "GET",
            Endpoint = new Uri($"https://kafka.{region}.amazonaws.com/"),
            UseQueryString = true,
        };
        request.Parameters["Action"] = "kafka-cluster:Connect";
        request.Parameters["X-Amz-Expires"] = ((int)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (credentials.Keys.UseToken)
        {
            request.Parameters["X-Amz-Security-Token"] = credentials.Keys.Token;
        }

        var signature = AWS4PreSignedUrlSigner.SignRequest(
            request, null, new RequestMetrics(), credentials.Keys.AccessKey, credentials.Keys.SecretKey, Service, region, now.UtcDateTime);
        var query = string.Join('&', request.Parameters.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));
        var url = $"{request.Endpoint}?{query}&{signature.ForQueryParameters}&User-Agent={UserAgent}";
        // Its date is in whole seconds.
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()) + lifetime;
        return new MskToken(
            Base64Url.EncodeToString(Encoding.UTF8.GetBytes(url)), credentials.ExpiresAt is { } end && end < expiresAt ? end : expiresAt);
    }

    /// <summary>Without the value, so that no log has it.</summary>
    public override string ToString() => $"token until {ExpiresAt:O}";

    private sealed class ConnectRequest : AmazonWebServiceRequest;
}
