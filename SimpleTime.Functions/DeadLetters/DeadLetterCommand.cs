using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Persistence.Sqlite;
using SimpleTime.Functions.Replay;
using SimpleTime.Functions.Settings;

namespace SimpleTime.Functions.DeadLetters;

/// <summary>The command <c>replay-dead-letters</c>: sends dead letters of the database at <c>DB_PATH</c> to Kafka again.</summary>
internal static class DeadLetterCommand
{
    /// <summary>The first argument that stands for the command.</summary>
    public const string Name = "replay-dead-letters";

    /// <summary>Gets how it is called.</summary>
    public static ReplaySyntax Syntax { get; } = new(Name, "dead letter", HasList: false);

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows its name.</param>
    /// <returns>One of <see cref="ReplayExitCode"/>.</returns>
    public static Task<int> RunAsync(string[] args) => ReplayCommand.RunAsync(Syntax, args, RunAsync);

    private static async Task<int> RunAsync(ReplayOptions options, IServiceProvider services, IEventPublisher publisher, CancellationToken stopping)
    {
        SqliteDeadLetters letters;
        try
        {
            letters = SqliteDeadLetters.Open(services.GetRequiredService<ServiceSettings>().DatabasePath);
        }
        catch (EventStoreException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return ReplayExitCode.WrongRequest;
        }

        using (letters)
        {
            var topic = services.GetRequiredService<IConfiguration>()["KAFKA_TOPIC_EVENTS"]!;
            return await new DeadLetterReplay(letters, publisher, Console.Out, Console.Error, TimeProvider.System).RunAsync(options, topic, stopping);
        }
    }
}
