using System.Buffers;
using System.Globalization;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Replay;

/// <summary>What a command that sends again is told to do. Immutable.</summary>
/// <param name="Ids">What to send, each once, in the order of the ids; null for all that was not sent again yet.</param>
/// <param name="Topic">The topic to send to; null for its own.</param>
/// <param name="IsList">Whether it is to be listed in place of being sent.</param>
internal sealed record ReplayOptions(IReadOnlyList<long>? Ids, string? Topic, bool IsList = false)
{
    // Kafka's own limit for the name of a topic.
    private const int MaxTopicLength = 249;

    private static readonly SearchValues<char> _topicCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Reads the arguments.</summary>
    /// <param name="syntax">How the command is called.</param>
    /// <param name="args">What follows the command's name.</param>
    /// <param name="problem">What is wrong with them, as one sentence; null when nothing is.</param>
    /// <returns>Null when something is wrong.</returns>
    public static ReplayOptions? Parse(ReplaySyntax syntax, ReadOnlySpan<string> args, out string? problem)
    {
        SortedSet<long> ids = [];
        var all = false;
        var list = false;
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
                list |= syntax.HasList && arg is "--list";
                problem ??= arg is "--id" or "--topic" or "--all" || (syntax.HasList && arg is "--list") ? null : $"The option {Shown(arg)} is not known.";
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
                    problem ??= $"{Shown(arg)} is not the id of a {syntax.Noun}, a whole number from 1.";
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
            : list && (all || ids.Count > 0 || topic is not null) ? "--list excludes the other options."
            : all && ids.Count > 0 ? "--all and --id exclude each other."
            : !list && !all && ids.Count == 0 ? $"Which {syntax.Noun}s are to be replayed?"
            : null;
        return problem is null ? new ReplayOptions(all || list ? null : [.. ids], topic, list) : null;
    }

    /// <summary>Gets whether a topic can have a name.</summary>
    public static bool IsTopic(string name) =>
        name.Length is > 0 and <= MaxTopicLength && name is not ("." or "..") && !name.AsSpan().ContainsAnyExcept(_topicCharacters);

    private static string Shown(string arg) => $"\"{SafeText.OneLine(arg, 64)}\"";
}
