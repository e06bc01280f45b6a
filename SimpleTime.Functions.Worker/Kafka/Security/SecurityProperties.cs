using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>
/// librdkafka's own properties that host.json's map may not set: those that have a setting of their own, since two answers to where
/// a client connects and how that is secured are one too many, those that stop a certificate from being verified, and those of logins that
/// there are none of. None is left out of a client that connects: it would be less secure than somebody meant it to be.
/// </summary>
internal static class SecurityProperties
{
    private static readonly string[] _words = ["ssl", "sasl", "security", "https.ca.", "bootstrap.servers", "metadata.broker.list"];

    private const string Map = $"{SettingsFiles.HostSection}:extensions:kafka:librdkafka";

    /// <summary>Tells what is wrong with the map; null when nothing is. Clients with a problem are given an address where nobody is.</summary>
    public static string? Problem(IConfiguration configuration)
    {
        var properties = configuration.GetSection(Map).GetChildren().Where(static property => IsSecurity(property.Key)).ToList();
        return properties.Select(static property =>
                Reason(property.Key) is { } reason ? $"The setting {property.Path} is not taken: {reason}."
                : string.IsNullOrEmpty(property.Value) ? $"The setting {property.Path} has no value."
                : null)
            .FirstOrDefault(static problem => problem is not null);
    }

    /// <summary>Tells which property of the map has no effect, as clients connect; null when there is none.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="usesTls">Whether clients use TLS.</param>
    /// <param name="usesOidc">Whether they get tokens of an OpenID Connect provider.</param>
    public static string? ProblemOfUnused(IConfiguration configuration, bool usesTls, bool usesOidc) => configuration.GetSection(Map).GetChildren()
        .Select(property => IsOfTokens(property.Key) ? (usesOidc ? null : $"The setting {property.Path} needs {KafkaSecurity.MechanismSetting} to be OAUTHBEARER.")
            : usesTls || !property.Key.Contains("ssl", StringComparison.OrdinalIgnoreCase) ? null
            : $"The setting {property.Path} needs {KafkaSecurity.ProtocolSetting} to be ssl or sasl_ssl.")
        .FirstOrDefault(static problem => problem is not null);

    /// <summary>Tells whether connections are less secure without a property, whether the client knows it or its name is a mistake.</summary>
    public static bool IsSecurity(string property) =>
        Array.Exists(_words, word => property.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>Tells why a property is not taken; null when it is none of them.</summary>
    public static string? Reason(string property) => property.ToLowerInvariant() switch
    {
        "ssl.engine.location" => "it would load another program's code",
        "bootstrap.servers" or "metadata.broker.list" => PlaceIs("KAFKA_BROKERS"),
        "security.protocol" => PlaceIs(KafkaSecurity.ProtocolSetting),
        "sasl.mechanism" or "sasl.mechanisms" => PlaceIs(KafkaSecurity.MechanismSetting),
        "sasl.username" => PlaceIs(KafkaSecurity.UsernameSetting),
        "sasl.password" => PlaceIs(KafkaSecurity.PasswordSetting),
        "ssl.certificate.location" or "ssl.certificate.pem" => PlaceIs(KafkaSecurity.CertificateSetting),
        "ssl.key.location" or "ssl.key.pem" => PlaceIs(KafkaSecurity.KeySetting),
        "ssl.key.password" => PlaceIs(KafkaSecurity.KeyPasswordFileSetting),
        "sasl.oauthbearer.client.id" or "sasl.oauthbearer.client.credentials.client.id" => PlaceIs(KafkaSecurity.UsernameSetting),
        "sasl.oauthbearer.client.secret" or "sasl.oauthbearer.client.credentials.client.secret" => PlaceIs(KafkaSecurity.PasswordSetting),
        "sasl.oauthbearer.token.endpoint.url" => PlaceIs(KafkaSecurity.TokenEndpointSetting),
        "sasl.oauthbearer.scope" => PlaceIs(KafkaSecurity.ScopeSetting),
        "ssl.ca.location" or "ssl.ca.pem" or "ssl.ca.certificate.stores" => PlaceIs(KafkaSecurity.CaSetting),
        "enable.ssl.certificate.verification" or "ssl.endpoint.identification.algorithm"
            or "enable.sasl.oauthbearer.unsecure.jwt" or "sasl.oauthbearer.method" => "brokers are always verified",

        // Kerberos would run a command, and other ways to a token have no settings that say who gives it.
        var name when name.StartsWith("sasl.kerberos.", StringComparison.Ordinal)
            || (name.StartsWith("sasl.oauthbearer.", StringComparison.Ordinal) && !IsOfTokens(name)) => $"{KafkaSecurity.MechanismSetting} has no such mechanism",
        _ => null,
    };

    // Of the request for a token, which have no setting of their own.
    private static bool IsOfTokens(string property) =>
        property.StartsWith("https.ca.", StringComparison.OrdinalIgnoreCase) || property.Equals("sasl.oauthbearer.extensions", StringComparison.OrdinalIgnoreCase);

    private static string PlaceIs(string setting) => $"its place is {setting}";
}
