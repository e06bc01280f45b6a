using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Security;
using SimpleTime.Functions.Worker.Kafka.Status;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Tests.Kafka.Clients;

/// <summary>The worker's Kafka settings and clients without a worker around them.</summary>
internal sealed class TestClients : IDisposable
{
    private readonly ServiceProvider _services;

    /// <param name="kafka">Values of host.json's <c>extensions.kafka</c>.</param>
    public TestClients(params (string Key, string? Value)[] kafka)
        : this(kafka.ToDictionary(k => TestWorker.KafkaSetting(k.Key), k => k.Value))
    {
    }

    /// <param name="settings">All settings, by their whole names.</param>
    /// <param name="tokens">Makes the tokens; null for those of the settings.</param>
    public TestClients(IEnumerable<KeyValuePair<string, string?>> settings, Func<TestClients, MskTokens>? tokens = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        _services = new ServiceCollection().AddMetrics()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(Logs)).BuildServiceProvider();
        Loggers = _services.GetRequiredService<ILoggerFactory>();
        Loops = new BackgroundLoops(TimeProvider.System, Meters, Loggers.CreateLogger<BackgroundLoops>());
        Watch = new ClientWatch(static _ => null, Loops, TimeProvider.System);
        Settings = KafkaSettings.Read(new SettingReader(configuration, Notices), configuration, Notices);
        Security = KafkaSecurity.Read(new SettingReader(configuration, Notices), configuration, Notices);
        Brokers = new KafkaBrokers(new SettingNames(configuration), Loggers.CreateLogger<KafkaBrokers>());
        var environment = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "tests" }).Environment;
        Tokens = tokens?.Invoke(this) ?? new MskTokens(Security, Loops, TimeProvider.System, Loggers.CreateLogger<MskTokens>());
        Credentials = new CredentialRotation(Security, Loops, Loggers.CreateLogger<CredentialRotation>());
        Factory = new KafkaClientFactory(Settings, Security, Brokers, environment, Throttled, Loggers, Credentials, Tokens);
    }

    public StartupNotices Notices { get; } = new();

    public LogLines Logs { get; } = new();

    public ILoggerFactory Loggers { get; }

    public ThrottledLog Throttled { get; } = new(TimeProvider.System);

    public KafkaSettings Settings { get; }

    public KafkaSecurity Security { get; }

    public MskTokens Tokens { get; }

    public CredentialRotation Credentials { get; }

    public KafkaBrokers Brokers { get; }

    public KafkaClientFactory Factory { get; }

    public BackgroundLoops Loops { get; }

    /// <summary>Watches nothing, as it is never started.</summary>
    public ClientWatch Watch { get; }

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public void Dispose()
    {
        Tokens.Dispose();
        Credentials.Dispose();
        Watch.Dispose();
        Brokers.Dispose();
        _services.Dispose();
    }
}
