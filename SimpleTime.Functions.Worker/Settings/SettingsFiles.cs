using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace SimpleTime.Functions.Worker.Settings;

/// <summary>
/// Fills a configuration from <c>DOTNET_</c> variables, host.json, the <c>Values</c> of local.settings.json and the environment,
/// the later over the earlier. The files are read once, from the application's folder.
/// </summary>
internal static class SettingsFiles
{
    /// <summary>Where host.json's values stand in the configuration, as on the official host.</summary>
    public const string HostSection = "AzureFunctionsJobHost";

    /// <summary>Where the log's settings stand, also those of host.json.</summary>
    public const string LoggingSection = "Logging";

    private const string HostLogging = $"{HostSection}:logging:";

    // Settings of the server have it in the environment, and so in Values.
    private const string ServerPrefix = "ASPNETCORE_";

    // Settings files are a few kilobytes; more than this is not one.
    private const int MaxFileBytes = 1 << 20;

    private static readonly JsonDocumentOptions _jsonOptions = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    /// <param name="configuration">The configuration.</param>
    /// <param name="folder">The application's folder.</param>
    /// <param name="notices">Takes what is wrong with the files.</param>
    public static void AddTo(ConfigurationManager configuration, string folder, StartupNotices notices)
    {
        // A launch profile overrides the environment; what it sets with this prefix only fills in for it.
        configuration.AddEnvironmentVariables("DOTNET_");
        AddLayer(Read(Path.Combine(folder, "host.json"), notices, static root => Flatten(root, HostSection)));
        var local = Read(Path.Combine(folder, LocalSettings.FileName), notices, root => LocalSettings.Read(Flatten(root, LocalSettings.FileName), notices));
        AddLayer(local);
        configuration.AddInMemoryCollection(local.Where(value => value.Key.StartsWith(ServerPrefix, StringComparison.OrdinalIgnoreCase))
            .Select(value => KeyValuePair.Create(value.Key[ServerPrefix.Length..], value.Value)));
        configuration.AddEnvironmentVariables(ServerPrefix);
        configuration.AddEnvironmentVariables();
        AddLogging(new ConfigurationBuilder().AddEnvironmentVariables().Build().AsEnumerable());

        void AddLayer(Dictionary<string, string?> values)
        {
            configuration.AddInMemoryCollection(values);
            AddLogging(values);
        }

        // One section has the levels of every source, so that the order of the sources holds for them too.
        void AddLogging(IEnumerable<KeyValuePair<string, string?>> values) => configuration.AddInMemoryCollection(
            from pair in values
            where pair.Value is not null && pair.Key.StartsWith(HostLogging, StringComparison.OrdinalIgnoreCase)
            select KeyValuePair.Create($"{LoggingSection}:{pair.Key[HostLogging.Length..]}", (string?)pair.Value));
    }

    private static Dictionary<string, string?> Read(
        string path, StartupNotices notices, Func<JsonElement, Dictionary<string, string?>> values)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > MaxFileBytes)
            {
                notices.Add($"{path} is larger than {MaxFileBytes} bytes and is ignored.");
                return new();
            }

            using var json = JsonDocument.Parse(file, _jsonOptions);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                return values(json.RootElement);
            }

            notices.Add($"{path} is not a JSON object and is ignored.");
        }
        catch (FileNotFoundException)
        {
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            notices.Add($"{path} cannot be read and is ignored: {e.Message}");
        }

        return new();
    }

    private static Dictionary<string, string?> Flatten(JsonElement element, string prefix)
    {
        // As everywhere in a configuration the last of several wins.
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Flatten(element, prefix, values);
        return values;
    }

    private static void Flatten(JsonElement element, string path, Dictionary<string, string?> to)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                if (element.GetPropertyCount() == 0)
                {
                    to[path] = null;
                }

                foreach (var property in element.EnumerateObject())
                {
                    Flatten(property.Value, $"{path}:{property.Name}", to);
                }

                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    Flatten(item, $"{path}:{index++}", to);
                }

                break;
            default:
                to[path] = element.ValueKind == JsonValueKind.Null ? null : element.ToString();
                break;
        }
    }
}
