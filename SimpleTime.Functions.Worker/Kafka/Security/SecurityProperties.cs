using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Hosting;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>
/// librdkafka's own properties that host.json's map may not set: those that have a setting of their own, since two answers to where
/// a client connects and how that is secured are one too many, and those that stop a certificate from being verified.
/// </summary>
internal static class SecurityProperties
{
    private const string Map = $"{SettingsFiles.HostSection}:extensions:kafka:librdkafka";

    /// <summary>Which of them is set; null when none is.</summary>
    public static string? Problem(IConfiguration configuration)
    {
        foreach (var property in configuration.GetSection(Map).GetChildren())
        {
            var setting = property.Key.ToLowerInvariant() switch
            {
                // Clients with a problem are given an address where nobody is.
                "bootstrap.servers" or "metadata.broker.list" => "KAFKA_BROKERS",
                "security.protocol" => KafkaSecurity.ProtocolSetting,
                "sasl.mechanism" or "sasl.mechanisms" => KafkaSecurity.MechanismSetting,
                "sasl.username" => KafkaSecurity.UsernameSetting,
                "sasl.password" => KafkaSecurity.PasswordSetting,
                "ssl.ca.location" or "ssl.ca.pem" => KafkaSecurity.CaSetting,
                _ => null,
            };
            if (setting is not null)
            {
                return $"The setting {property.Path} is not taken: its place is {setting}.";
            }

            if (property.Key is "enable.ssl.certificate.verification" or "ssl.endpoint.identification.algorithm"
                or "enable.sasl.oauthbearer.unsecure.jwt" or "sasl.oauthbearer.method")
            {
                return $"The setting {property.Path} is not taken: brokers are always verified.";
            }
        }

        return null;
    }
}
