using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>A worker in this process, on a port that the system chooses, with functions and settings of a test.</summary>
internal sealed class TestWorker : IAsyncDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(40);

    private readonly IHost _host;
    private readonly TempFolder _folder;
    private bool _isStopped;

    private TestWorker(IHost host, LogLines logs, TempFolder folder)
    {
        _host = host;
        _folder = folder;
        Logs = logs;
        var address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(address),
            Timeout = _deadline,
        };
    }

    public LogLines Logs { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _host.Services;

    /// <summary>What is known of Kafka now.</summary>
    public KafkaReport Kafka => Services.GetRequiredService<IKafkaHost>().Report();

    /// <summary>A setting of host.json's <c>extensions.kafka</c>.</summary>
    public static string KafkaSetting(string key) => $"AzureFunctionsJobHost:extensions:kafka:{key}";

    /// <summary>Builds a worker without starting it.</summary>
    /// <param name="functions">Its functions.</param>
    /// <param name="settings">Settings over those of host.json.</param>
    /// <param name="configure">Changes the builder last.</param>
    /// <param name="environment">The name of the environment.</param>
    public static (IHost Host, LogLines Logs) Build(
        IReadOnlyList<FunctionDescriptor> functions,
        IReadOnlyDictionary<string, string?>? settings = null,
        Action<FunctionsApplicationBuilder>? configure = null,
        string environment = "Production")
    {
        var logs = new LogLines();
        var builder = FunctionsApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.ConfigureFunctionsWebApplication();
        builder.Functions = functions;

        // The process's own environment cannot be another for each test.
        var named = new HostApplicationBuilderSettings { EnvironmentName = environment, ApplicationName = "tests" };
        builder.Services.AddSingleton(Host.CreateEmptyApplicationBuilder(named).Environment);
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.Logging.ClearProviders().AddProvider(logs);
        configure?.Invoke(builder);
        return (builder.Build(), logs);
    }

    /// <summary>Builds and starts a worker, with a spool of its own unless the settings name one.</summary>
    /// <inheritdoc cref="Build"/>
    public static async Task<TestWorker> StartAsync(
        IReadOnlyList<FunctionDescriptor> functions,
        IReadOnlyDictionary<string, string?>? settings = null,
        Action<FunctionsApplicationBuilder>? configure = null,
        string environment = "Production")
    {
        var folder = new TempFolder();
        var own = new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>());
        own.TryAdd("EVENT_SPOOL_PATH", folder.Combine("spool"));
        var (host, logs) = Build(functions, own, configure, environment);
        await host.StartAsync().WaitAsync(_deadline);
        return new TestWorker(host, logs, folder);
    }

    /// <inheritdoc cref="Build"/>
    public static Task<TestWorker> StartAsync(params FunctionDescriptor[] functions) => StartAsync(functions, null);

    /// <summary>Stops the worker, as SIGTERM does.</summary>
    /// <param name="deadline">How long that may take.</param>
    /// <exception cref="TimeoutException">It took longer.</exception>
    public async Task StopAsync(TimeSpan? deadline = null)
    {
        _isStopped = true;
        Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await _host.StopAsync().WaitAsync(deadline ?? _deadline);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_isStopped)
        {
            await StopAsync();
        }

        await ((IAsyncDisposable)_host).DisposeAsync().AsTask().WaitAsync(_deadline);
        _folder.Dispose();
    }
}
