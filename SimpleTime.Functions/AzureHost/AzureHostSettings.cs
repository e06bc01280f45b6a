using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.AzureHost;

/// <summary>Finds the settings that do not do on the Azure Functions host what they do on the container host.</summary>
internal static class AzureHostSettings
{
    // The bindings name them, and the process that reads bindings is not this one.
    private static readonly string[] _ofBindings = ["KAFKA_BROKERS", "KAFKA_TOPIC_EVENTS", "KAFKA_CONSUMER_GROUP"];

    private static readonly string[] _ofContainer =
    [
        "FUNCTIONS_KEYS", "FUNCTIONS_KEYS_PATH", "EVENT_SPOOL_PATH", "EVENT_SPOOL_MAX_BYTES", "SHUTDOWN_DRAIN_SECONDS", "KAFKA_SECURITY_PROTOCOL",
        "KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD", "KAFKA_SASL_PASSWORD_FILE",
        "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "KAFKA_SASL_OAUTHBEARER_SCOPE", "KAFKA_SSL_CA_LOCATION", "KAFKA_SSL_CERTIFICATE_LOCATION",
        "KAFKA_SSL_KEY_LOCATION", "KAFKA_SSL_KEY_PASSWORD_FILE",
    ];

    /// <summary>Returns what is wrong with the settings, a sentence each. Never a setting's value, which may be a key.</summary>
    /// <param name="configuration">The settings as they were set, without defaults.</param>
    public static IReadOnlyList<string> Problems(IConfiguration configuration)
    {
        List<string> problems = [];
        if (_ofBindings.Where(name => !IsSet(configuration, name)).ToList() is { Count: > 0 } missing)
        {
            problems.Add(
                $"Not set: {string.Join(", ", missing)}. The Azure Functions host has no defaults for them, so events are neither sent nor stored; set them in its environment or in the Values of local.settings.json.");
        }

        if (string.Equals(configuration.GetText("KAFKA_BROKERS"), "embedded", StringComparison.OrdinalIgnoreCase))
        {
            problems.Add("KAFKA_BROKERS is \"embedded\", but the Azure Functions host has no broker of its own: Kafka will be NOT UP.");
        }

        if (_ofContainer.Where(name => IsSet(configuration, name)).ToList() is { Count: > 0 } unread)
        {
            problems.Add($"Set, but not read on the Azure Functions host: {string.Join(", ", unread)}.");
        }

        return problems;
    }

    private static bool IsSet(IConfiguration configuration, string name) => configuration.GetText(name) is not null;
}
