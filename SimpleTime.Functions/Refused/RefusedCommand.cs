using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Replay;

namespace SimpleTime.Functions.Refused;

/// <summary>The command <c>replay-rejected</c>: sends messages that Kafka refused for good, and that <c>EVENT_SPOOL_PATH</c> has, again.</summary>
internal static class RefusedCommand
{
    /// <summary>The first argument that stands for the command.</summary>
    public const string Name = "replay-rejected";

    /// <summary>Gets how it is called.</summary>
    public static ReplaySyntax Syntax { get; } = new(Name, "refused message", HasList: true);

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows its name.</param>
    /// <returns>One of <see cref="ReplayExitCode"/>.</returns>
    public static Task<int> RunAsync(string[] args) => ReplayCommand.RunAsync(Syntax, args, RunAsync);

    /// <inheritdoc cref="ReplayCommand.Replay"/>
    public static async Task<int> RunAsync(ReplayOptions options, IServiceProvider services, IEventPublisher publisher, CancellationToken stopping)
    {
        if (services.GetService<IRefusedMessages>() is not { } messages)
        {
            Console.Error.WriteLine("The Azure Functions host keeps no messages that Kafka refused: there are no files of them.");
            return ReplayExitCode.WrongRequest;
        }

        return await new RefusedReplay(messages, publisher, Console.Out, Console.Error).RunAsync(options, stopping);
    }
}
