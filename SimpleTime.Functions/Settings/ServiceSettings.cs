using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Requests;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Settings;

/// <summary>The settings that the service itself reads. Immutable. A blank setting counts as unset.</summary>
internal sealed class ServiceSettings
{
    /// <summary>The file of the database when <c>DB_PATH</c> is unset.</summary>
    public const string DefaultDatabasePath = "/tmp/events.db";

    /// <summary>Gets what the settings that the bindings and their host read are when nobody sets them.</summary>
    public static IReadOnlyList<KeyValuePair<string, string?>> Defaults { get; } =
    [
        new("KAFKA_BROKERS", "localhost:9092"),
        new("KAFKA_TOPIC_EVENTS", "simple-time-events"),
        new("KAFKA_CONSUMER_GROUP", "simple-time-group"),
        new("EVENT_SPOOL_PATH", "/tmp/simple-time-spool"),
    ];

    private ServiceSettings(string databasePath, string? podIp, IReadOnlyList<string> problems)
    {
        DatabasePath = databasePath;
        PodIp = podIp;
        Problems = problems;
    }

    /// <summary>Gets the SQLite file, as it was set.</summary>
    public string DatabasePath { get; }

    /// <summary>Gets the address of the pod; null when unset or not an address.</summary>
    public string? PodIp { get; }

    /// <summary>Gets what is wrong with the settings: a sentence each that names the setting. The service runs all the same.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Reads the settings; never throws for what is set.</summary>
    /// <param name="configuration">The app's configuration.</param>
    public static ServiceSettings From(IConfiguration configuration)
    {
        List<string> problems = [];
        var databasePath = configuration.GetText("DB_PATH") ?? DefaultDatabasePath;
        if (databasePath.Any(char.IsControl) || Path.EndsInDirectorySeparator(databasePath))
        {
            problems.Add($"DB_PATH \"{SafeText.OneLine(databasePath, 256)}\" is not the path of a file; events stay in Kafka until it is.");
        }

        string? podIp = null;
        if (configuration.GetText("POD_IP") is { } address && (podIp = AddressText.ParseAlone(address)) is null)
        {
            problems.Add($"POD_IP \"{SafeText.OneLine(address, 64)}\" is not an IP address; the host's first address is used instead.");
        }

        return new ServiceSettings(databasePath, podIp, problems);
    }
}
