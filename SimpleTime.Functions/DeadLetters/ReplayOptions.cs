using System.Buffers;
using System.Globalization;
using SimpleTime.Functions.Diagnostics;

namespace SimpleTime.Functions.DeadLetters;

/// <summary>What the command <c>replay-dead-letters</c> is told to do. Immutable.</summary>
/// <param name="Ids">The letters to send, each once, in the order of their ids; null for all that were not replayed yet.</param>
/// <param name="Topic">The topic to send to; null for the events' own.</param>
internal sealed record ReplayOptions(IReadOnlyList<long>? Ids, string? Topic)
{
    /// <summary>How the command is called.</summary>
    public const string Usage = "Usage: SimpleTime.Functions replay-dead-letters (--id N... | --all) [--topic T]";

    // Kafka's own limit for the name of a topic.
    private const int MaxTopicLength = 249;

    private static readonly SearchValues<char> _topicCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Reads the arguments.</summary>
    /// <param name="args">What follows the command's name.</param>
    /// <param name="problem">What is wrong with them, as one sentence; null when nothing is.</param>
    /// <returns>Null when something is wrong.</returns>
    public static ReplayOptions? Parse(ReadOnlySpan<string> args, out string? problem)
    {
        SortedSet<long> ids = [];
        var all = false;
        string? topic = null;
        string? option = null;
        var isAwaiting = false;
        problem = null;
        foreach (var arg in args)
        {
            if (arg.StartsWith("--", StringComparison.Ordinal))
            {
                if (isAwaiting)
                {
                    break;
                }

                option = arg;
                isAwaiting = arg is "--id" or "--topic";
                all |= arg is "--all";
                problem ??= arg is "--id" or "--topic" or "--all" ? null : $"The option {Shown(arg)} is not known.";
            }
            else if (option is "--id")
            {
                isAwaiting = false;
                if (long.TryParse(arg, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
                {
                    ids.Add(id);
                }
                else
                {
                    problem ??= $"{Shown(arg)} is not the id of a dead letter, a whole number from 1.";
                }
            }
            else if (option is "--topic" && isAwaiting)
            {
                isAwaiting = false;
                problem ??= topic is not null ? "--topic is given twice." : IsTopic(arg) ? null : $"{Shown(arg)} cannot be the name of a topic.";
                topic = arg;
            }
            else
            {
                problem ??= $"The argument {Shown(arg)} is not known.";
            }
        }

        problem ??= isAwaiting ? $"{option} needs a value."
            : all && ids.Count > 0 ? "--all and --id exclude each other."
            : !all && ids.Count == 0 ? "Which dead letters are to be replayed?"
            : null;
        return problem is null ? new ReplayOptions(all ? null : [.. ids], topic) : null;
    }

    private static bool IsTopic(string name) =>
        name.Length is > 0 and <= MaxTopicLength && name is not ("." or "..") && !name.AsSpan().ContainsAnyExcept(_topicCharacters);

    private static string Shown(string arg) => $"\"{SafeText.Bound(arg, 64)}\"";
}
