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

    /// <summary>Which of them is set; null when none is. Clients with a problem are given an address where nobody is.</summary>
    public static string? Problem(IConfiguration configuration) => configuration.GetSection(Map).GetChildren()
        .Select(property => Reason(property.Key) is { } reason ? $"The setting {property.Path} is not taken: {reason}." : null)
        .FirstOrDefault(problem => problem is not null);

    /// <summary>Tells why a property is not taken; null when it is none of them.</summary>
    public static string? Reason(string property) => property.ToLowerInvariant() switch
    {
        "bootstrap.servers" or "metadata.broker.list" => PlaceIs("KAFKA_BROKERS"),
        "security.protocol" => PlaceIs(KafkaSecurity.ProtocolSetting),
        "sasl.mechanism" or "sasl.mechanisms" => PlaceIs(KafkaSecurity.MechanismSetting),
        "sasl.username" => PlaceIs(KafkaSecurity.UsernameSetting),
        "sasl.password" => PlaceIs(KafkaSecurity.PasswordSetting),
        "ssl.ca.location" or "ssl.ca.pem" or "ssl.ca.certificate.stores" => PlaceIs(KafkaSecurity.CaSetting),
        "enable.ssl.certificate.verification" or "ssl.endpoint.identification.algorithm"
            or "enable.sasl.oauthbearer.unsecure.jwt" or "sasl.oauthbearer.method" => "brokers are always verified",
        _ => null,
    };

    private static string PlaceIs(string setting) => $"its place is {setting}";
}
