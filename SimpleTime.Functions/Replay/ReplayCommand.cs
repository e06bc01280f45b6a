using System.Runtime.InteropServices;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using SimpleTime.Functions.Settings;

namespace SimpleTime.Functions.Replay;

/// <summary>
/// What the commands have in common that send again what Kafka or the service did not take: they run with the settings of the service, which
/// may run meanwhile.
/// </summary>
internal static class ReplayCommand
{
    /// <summary>Does what a command is for.</summary>
    /// <param name="options">What it is told to do.</param>
    /// <param name="services">The services of the host, which is not started.</param>
    /// <param name="publisher">Sends records.</param>
    /// <param name="stopping">Ends it early.</param>
    /// <returns>One of <see cref="ReplayExitCode"/>.</returns>
    public delegate Task<int> Replay(ReplayOptions options, IServiceProvider services, IEventPublisher publisher, CancellationToken stopping);

    /// <summary>Runs a command.</summary>
    /// <param name="syntax">How it is called.</param>
    /// <param name="args">What follows its name.</param>
    /// <param name="replay">What it is for.</param>
    /// <returns>One of <see cref="ReplayExitCode"/>.</returns>
    public static async Task<int> RunAsync(ReplaySyntax syntax, string[] args, Replay replay)
    {
        if (args.Contains("--help"))
        {
            Console.Out.WriteLine(syntax.Usage);
            return ReplayExitCode.AllAcknowledged;
        }

        if (ReplayOptions.Parse(syntax, args, out var problem) is not { } options)
        {
            Console.Error.WriteLine($"{problem} {syntax.Usage}");
            return ReplayExitCode.WrongRequest;
        }

        // The service's own host, which is not started: for its settings and its Kafka client.
        var builder = FunctionsApplication.CreateBuilder([]);
        builder.ConfigureFunctionsWebApplication();
        builder.AddHostServices();
        if (!options.IsList && string.Equals(builder.Configuration["KAFKA_BROKERS"]?.Trim([',', .. " \t\r\n"]), "embedded", StringComparison.OrdinalIgnoreCase))
        {
            // Another one, in this process, would take the records and forget them.
            Console.Error.WriteLine(
                "KAFKA_BROKERS is \"embedded\", a broker within the service's own process. Set it to the address that the service printed at start.");
            return ReplayExitCode.WrongRequest;
        }

        builder.Services.AddSingleton(ServiceSettings.From(builder.Configuration));
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        using var host = builder.Build();
        IEventPublisher publisher;
        try
        {
            publisher = host.Services.GetRequiredService<IEventPublisher>();
        }
        catch (InvalidOperationException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return ReplayExitCode.WrongRequest;
        }

        using var stopping = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        return await replay(options, host.Services, publisher, stopping.Token);

        // The second time it is the end.
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = !stopping.IsCancellationRequested;
            stopping.Cancel();
        }
    }
}
