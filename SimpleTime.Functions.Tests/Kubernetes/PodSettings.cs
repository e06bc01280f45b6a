using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Settings;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>What the service itself reads from the settings of a pod and from host.json.</summary>
internal sealed class PodSettings
{
    private readonly SettingNames _names;

    public PodSettings(IReadOnlyDictionary<string, string?> environment)
    {
        var notices = new StartupNotices();
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(ServiceSettings.Defaults);
        SettingsFiles.AddTo(configuration, AppContext.BaseDirectory, notices);
        configuration.AddInMemoryCollection(environment.Where(pair => pair.Value is not null)
            .Select(pair => KeyValuePair.Create(pair.Key.Replace("__", ":", StringComparison.Ordinal), pair.Value)));
        var reader = new SettingReader(configuration, notices);
        Host = HostSettings.Read(reader);
        Kafka = KafkaSettings.Read(reader, configuration, notices);
        _names = new SettingNames(configuration);
    }

    public HostSettings Host { get; }

    public KafkaSettings Kafka { get; }

    /// <summary>Every function of the service: its name and its trigger.</summary>
    public static IReadOnlyDictionary<string, Attribute> Functions { get; } = (
        from type in typeof(ServiceSettings).Assembly.GetTypes()
        from method in type.GetMethods()
        let function = (FunctionAttribute?)Attribute.GetCustomAttribute(method, typeof(FunctionAttribute))
        where function is not null
        let trigger = method.GetParameters().SelectMany(p => Attribute.GetCustomAttributes(p))
            .Single(a => a is HttpTriggerAttribute or KafkaTriggerAttribute)
        select KeyValuePair.Create(function.Name, trigger)).ToDictionary();

    /// <summary>The text with each <c>%NAME%</c> resolved.</summary>
    public string Resolve(string text) => _names.Resolve(text);

    /// <summary>The setting of that name, or else the text itself, as a list of brokers is given.</summary>
    public string SettingOrText(string text) => _names.SettingOrText(text);

    /// <summary>Whether an allow-listed function answers a GET of that path.</summary>
    public bool Answers(string path) => Host.AllowedFunctions.Select(name => Functions[name]).OfType<HttpTriggerAttribute>()
        .Any(http => http.Methods!.Contains("get") && (http.Route == path.TrimStart('/') || (path == "/" && http.Route == "{ignored:maxlength(0)?}")));
}
