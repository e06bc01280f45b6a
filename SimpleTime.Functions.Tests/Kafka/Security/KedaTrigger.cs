using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Security;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Security;

/// <summary>
/// What KEDA's Kafka trigger has to be told to reach the cluster as the service does (keda.sh/docs/latest/scalers/apache-kafka):
/// metadata and, with the prefix <c>auth:</c>, parameters of its TriggerAuthentication.
/// </summary>
internal static class KedaTrigger
{
    public static IEnumerable<string> Of(KafkaSecurity security)
    {
        Assert.Null(security.Problem);
        var config = new ClientConfig();
        security.ApplyTo(config);
        yield return $"tls={(config.SecurityProtocol is SecurityProtocol.Ssl or SecurityProtocol.SaslSsl ? "enable" : "disable")}";
        yield return "sasl=" + config.SaslMechanism switch
        {
            null => "none",
            SaslMechanism.Plain => "plaintext",
            SaslMechanism.ScramSha256 => "scram_sha256",
            SaslMechanism.ScramSha512 => "scram_sha512",
            SaslMechanism.OAuthBearer => "oauthbearer",
            _ => throw new InvalidOperationException("KEDA does not know the mechanism."),
        };
        if (security.UsesTokens)
        {
            yield return "saslTokenProvider=aws_msk_iam";
            yield return $"awsRegion={security.Region}";
        }

        if ((config.SaslUsername ?? config.SaslOauthbearerClientId) is { } username)
        {
            yield return $"auth:username={username}";
            yield return $"auth:password={config.SaslPassword ?? config.SaslOauthbearerClientSecret}";
        }

        if (config.SaslOauthbearerTokenEndpointUrl is { } endpoint)
        {
            yield return $"auth:oauthTokenEndpointUri={endpoint}";
            yield return $"auth:scopes={config.SaslOauthbearerScope}";
        }

        if (config.SslCaLocation is { } ca and not "probe")
        {
            yield return $"auth:ca={File.ReadAllText(ca)}";
        }

        if (config.SslCertificatePem is { } certificate)
        {
            yield return $"auth:cert={certificate}";
            yield return $"auth:key={config.SslKeyPem}";
        }
    }
}
