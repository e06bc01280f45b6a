using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Http;
using SimpleTime.Functions.Worker.Http.Connections;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Kafka;
using SimpleTime.Functions.Worker.Lifetime;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Hosting;

/// <summary>Puts the worker together.</summary>
internal static class WorkerHost
{
    // Longer than an orderly shutdown ever takes (15 s): the last resort.
    private static readonly TimeSpan _shutdownTimeout = TimeSpan.FromSeconds(30);

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = EnvironmentName(),
        });
        var notices = new StartupNotices();
        var arguments = HostArguments.Parse(args, notices);
        SettingsFiles.AddTo(web.Configuration, AppContext.BaseDirectory, notices);
        web.Services.AddSingleton(ListenAddresses.Decide(web.Configuration, arguments, notices));
        web.Services.AddSingleton(notices);
        web.Services.TryAddSingleton(TimeProvider.System);
        web.Services.AddRoutingCore();
        var logging = web.Configuration.GetSection(SettingsFiles.LoggingSection);
        LogLevels.RefuseUnknown(logging, notices);
        web.Logging.AddConfiguration(logging);
        ConsoleLogging.AddTo(web.Logging, web.Configuration, notices);
        return web;
    }

    public static IHost Build(
        WebApplicationBuilder web,
        IReadOnlyList<FunctionDescriptor> descriptors,
        IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware,
        bool hasWebApplication)
    {
        var notices = (StartupNotices)web.Services.Single(s => s.ServiceType == typeof(StartupNotices)).ImplementationInstance!;
        var reader = new SettingReader(web.Configuration, notices);
        var settings = HostSettings.Read(reader);
        var functions = FunctionRegistry.Create(descriptors, web.Configuration, settings, notices);
        if (!hasWebApplication && functions.Enabled.Any(f => f.Descriptor.Trigger is HttpTriggerAttribute))
        {
            throw new InvalidOperationException("The app has HTTP functions: call ConfigureFunctionsWebApplication() on its builder.");
        }

        var pipeline = middleware.Reverse().Aggregate((FunctionExecutionDelegate)ExecuteAsync, (next, step) => step(next));
        web.Services.AddSingleton(settings).AddSingleton(functions).AddSingleton(ResponseHeaders.Read(reader));
        web.Services.TryAddSingleton<IProcess, CurrentProcess>();
        web.Services.AddSingleton<FatalStop>();
        web.Services.AddSingleton(services => new FunctionTimeout(
            settings.FunctionTimeout,
            services.GetRequiredService<FatalStop>().Begin,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ThrottledLog>(),
            services.GetRequiredService<ILogger<FunctionTimeout>>()));
        web.Services.AddSingleton(services => services.GetRequiredService<FunctionTimeout>().Around(pipeline));
        web.Services.AddSingleton<ConfiguredKeys>().AddSingleton<FunctionKeys>();
        web.Services.AddSingleton<InvocationMetrics>();
        web.Services.AddSingleton<BackgroundLoops>();
        // Before all that writes to it: it stops after them, and before what the app exports logs with.
        web.Services.AddSingleton<ThrottledLog>().AddHostedService(services => services.GetRequiredService<ThrottledLog>());
        web.Services.AddHostedService<StartupReport>();
        web.Services.AddKafka(reader, web.Configuration, notices);
        web.Services.AddHostedService<DrainService>();
        web.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.DrainDelay + _shutdownTimeout);
        web.Services.AddSingleton<ConnectionMetrics>();
        web.Services.AddSingleton(services => new ConnectionLimiter(
            settings.MaxConnections,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ConnectionMetrics>(),
            services.GetRequiredService<ThrottledLog>(),
            services.GetRequiredService<ILogger<ConnectionLimiter>>()));
        web.Services.AddSingleton<SocketTransportFactory>();
        web.Services.AddSingleton(services => new EarlyListeners(services.GetRequiredService<SocketTransportFactory>()));
        web.Services.AddSingleton<IConnectionListenerFactory>(services => new LimitedListenerFactory(
            services.GetRequiredService<EarlyListeners>(), services.GetRequiredService<ConnectionLimiter>()));
        web.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // What a client writes into its headers is no reason to refuse it, but the host that it asks for is.
            kestrel.RequestHeaderEncodingSelector = static name => name == HeaderNames.Host ? null : Encoding.Latin1;

            // RFC 9112, section 3.2.2: the authority of a request target in absolute form is the host.
            kestrel.AllowHostHeaderOverride = true;
        });
        BoundedServer.Decorate(web.Services);

        var app = web.Build();
        return ActivatorUtilities.CreateInstance<WorkerApplication>(app.Services, app, (Action<WebApplication>)Map);
    }

    // Makes what functions send with, and so an embedded broker.
    private static void Map(WebApplication app)
    {
        var services = app.Services;
        app.Use(ActivatorUtilities.CreateInstance<ConnectionActivity>(services).InvokeAsync);
        if (services.GetRequiredService<ResponseHeaders>() is { IsEmpty: false } headers)
        {
            app.Use(headers.InvokeAsync);
        }

        app.Use(UnmatchedRequests.InvokeAsync);
        app.UseRouting();
        HttpFunctionEndpoints.Map(app, services.GetRequiredService<FunctionRegistry>(), services.GetRequiredService<FunctionExecutionDelegate>());
    }

    private static Task ExecuteAsync(FunctionContext context) => FunctionInvocation.Of(context).InvokeAsync();

    private static string? EnvironmentName() =>
        Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
        ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
        ?? Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT");
}
