using System.Globalization;
using SimpleTime.Functions.Worker.Kafka.Embedded;

namespace SimpleTime.Functions.TestBroker;

/// <summary>The arguments of the console. Immutable.</summary>
/// <param name="BrokerCount">How many brokers, 1 to <see cref="EmbeddedBrokerOptions.MaxBrokerCount"/>.</param>
/// <param name="Topics">The topics to create at start, and how many partitions each has.</param>
internal sealed record CommandLine(int BrokerCount, IReadOnlyList<(string Name, int Partitions)> Topics)
{
    private const string Usage = "Usage: TestBroker [--topic NAME:PARTITIONS]... [--brokers N]";

    /// <summary>Reads the arguments.</summary>
    /// <param name="args">The arguments as the process got them.</param>
    /// <exception cref="FormatException">An argument is not understood; the message is one line that says which.</exception>
    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        var brokers = 1;
        var topics = new List<(string Name, int Partitions)>();
        for (var i = 0; i < args.Count; i += 2)
        {
            var name = args[i];
            if (name is not ("--topic" or "--brokers"))
            {
                throw new FormatException($"Unknown argument '{name}'. {Usage}");
            }

            if (i + 1 == args.Count)
            {
                throw new FormatException($"{name} needs a value. {Usage}");
            }

            if (name == "--topic")
            {
                topics.Add(ParseTopic(args[i + 1]));
            }
            else
            {
                brokers = ParseBrokerCount(args[i + 1]);
            }
        }

        return new CommandLine(brokers, topics);
    }

    private static (string Name, int Partitions) ParseTopic(string value)
    {
        var colon = value.LastIndexOf(':');
        if (colon < 0 || !EmbeddedBroker.IsTopicName(value[..colon]) || ParsePositive(value[(colon + 1)..]) is not { } partitions)
        {
            throw new FormatException($"--topic takes NAME:PARTITIONS with at least 1 partition, not '{value}'.");
        }

        return (value[..colon], partitions);
    }

    private static int ParseBrokerCount(string value) =>
        ParsePositive(value) is { } count && count <= EmbeddedBrokerOptions.MaxBrokerCount
            ? count
            : throw new FormatException($"--brokers takes a number from 1 to {EmbeddedBrokerOptions.MaxBrokerCount}, not '{value}'.");

    private static int? ParsePositive(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
