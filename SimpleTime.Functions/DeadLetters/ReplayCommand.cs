using System.Runtime.InteropServices;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using SimpleTime.Functions.Storage;
using SimpleTime.Functions.Storage.Sqlite;

namespace SimpleTime.Functions.DeadLetters;

/// <summary>
/// The command <c>replay-dead-letters</c>: sends dead letters of the database at <c>DB_PATH</c> to Kafka again, with the settings of
/// the service, which may run meanwhile.
/// </summary>
internal static class ReplayCommand
{
    /// <summary>The first argument that stands for the command.</summary>
    public const string Name = "replay-dead-letters";

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows its name.</param>
    /// <returns>0 when Kafka acknowledged all letters, 1 when it did not, 2 when nothing was tried for what was asked for.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (ReplayOptions.Parse(args, out var problem) is not { } options)
        {
            Console.Error.WriteLine($"{problem} {ReplayOptions.Usage}");
            return DeadLetterReplay.WrongRequest;
        }

        // The service's own host, which is not started: for its settings and its Kafka client.
        var builder = FunctionsApplication.CreateBuilder([]);
        builder.ConfigureFunctionsWebApplication();
        builder.AddHostServices();
        if (string.Equals(builder.Configuration["KAFKA_BROKERS"], "embedded", StringComparison.OrdinalIgnoreCase))
        {
            // Another one, in this process, would take the letters and forget them.
            Console.Error.WriteLine(
                "KAFKA_BROKERS is \"embedded\", a broker within the service's own process. Set it to the address that the service printed at start.");
            return DeadLetterReplay.WrongRequest;
        }

        builder.Services.AddSingleton(ServiceSettings.From(builder.Configuration));
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        using var host = builder.Build();
        SqliteDeadLetters? letters = null;
        DeadLetterReplay replay;
        try
        {
            letters = SqliteDeadLetters.Open(host.Services.GetRequiredService<ServiceSettings>().DatabasePath);
            replay = new DeadLetterReplay(
                letters, host.Services.GetRequiredService<IEventPublisher>(), Console.Out, Console.Error, TimeProvider.System);
        }
        catch (Exception exception) when (exception is EventStoreException or InvalidOperationException)
        {
            letters?.Dispose();
            Console.Error.WriteLine(exception.Message);
            return DeadLetterReplay.WrongRequest;
        }

        using var stopping = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using (letters)
        {
            return await replay.RunAsync(options, builder.Configuration["KAFKA_TOPIC_EVENTS"]!, stopping.Token);
        }

        // The second time it is the end.
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = !stopping.IsCancellationRequested;
            stopping.Cancel();
        }
    }
}
