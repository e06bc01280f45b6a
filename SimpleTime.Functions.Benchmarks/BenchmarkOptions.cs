using System.Globalization;

namespace SimpleTime.Functions.Benchmarks;

/// <summary>How a comparison runs. Immutable.</summary>
internal sealed record BenchmarkOptions
{
    private const string ServiceName = "SimpleTime.Functions";
    private const string Usage =
        "Usage: SimpleTime.Functions.Benchmarks [--rounds 1..100] [--seconds 1..30] [--connections 1..256] [--native EXECUTABLE|FOLDER] "
        + "[--against EXECUTABLE|FOLDER] [--kafka up|away] [--backlog 1..10000000]";

    // What the JIT makes of a process differs from start to start, by as much as is to be seen here.
    private const int RoundsOfProcesses = 8;

    /// <summary>How often each variant is measured.</summary>
    public int Rounds { get; private init; } = 24;

    /// <summary>How long each time: seconds.</summary>
    public int Seconds { get; private init; } = 1;

    /// <summary>How many connections ask, each for the next answer when it has one.</summary>
    public int Connections { get; private init; } = 16;

    /// <summary>The native executable of the service; null for the build beside this program, which runs on the JIT.</summary>
    public string? Native { get; private init; }

    /// <summary>The native executable of another build, to compare with; null for none.</summary>
    public string? Against { get; private init; }

    /// <summary>Whether Kafka is away while it is measured.</summary>
    public bool IsKafkaAway { get; private init; }

    /// <summary>How many messages a dead process leaves, where that is measured in place of requests; null where it is not.</summary>
    public int? Backlog { get; private init; }

    /// <summary>The rounds between the starts of processes; their sum is <see cref="Rounds"/>.</summary>
    public IEnumerable<int> RoundsOfEachStart => Enumerable.Repeat(RoundsOfProcesses, Rounds / RoundsOfProcesses)
        .Append(Rounds % RoundsOfProcesses).Where(rounds => rounds > 0);

    /// <summary>How many rounds after each start nobody counts: code is compiled anew while it runs.</summary>
    public int WarmUpRounds => Math.Min(Rounds, 3);

    /// <summary>When a comparison has failed: several times what it should take.</summary>
    public TimeSpan Deadline => Backlog is { } messages ? TimeSpan.FromSeconds(120 + (messages / 1000.0)) : TimeSpan.FromSeconds(RoundsOfEachStart.Sum(rounds => 120 + ((rounds + WarmUpRounds) * (Seconds + 1) * 15)));

    /// <summary>Reads the arguments.</summary>
    /// <param name="args">The arguments as the process got them.</param>
    /// <exception cref="FormatException">An argument is not understood; the message is one line that says which.</exception>
    public static BenchmarkOptions Parse(IReadOnlyList<string> args)
    {
        var options = new BenchmarkOptions();
        for (var i = 0; i < args.Count; i += 2)
        {
            var value = i + 1 < args.Count ? args[i + 1] : throw new FormatException($"{args[i]} needs a value. {Usage}");
            options = args[i] switch
            {
                "--rounds" => options with { Rounds = Number(args[i], value, 100) },
                "--seconds" => options with { Seconds = Number(args[i], value, 30) },
                "--connections" => options with { Connections = Number(args[i], value, 256) },
                "--native" => options with { Native = Executable(args[i], value) },
                "--against" => options with { Against = Executable(args[i], value) },
                "--backlog" => options with { Backlog = Number(args[i], value, 10_000_000) },
                "--kafka" when value is "up" or "away" => options with { IsKafkaAway = value == "away" },
                var unknown => throw new FormatException($"Unknown argument '{unknown}'. {Usage}"),
            };
        }

        return options;
    }

    private static int Number(string name, string value, int max) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max
            ? number
            : throw new FormatException($"{name} takes a number from 1 to {max}, not '{value}'.");

    private static string Executable(string name, string path)
    {
        var file = Path.GetFullPath(Directory.Exists(path) ? Path.Combine(path, ServiceName) : path);
        return File.Exists(file) ? file : throw new FormatException($"{name}: there is no file {file}.");
    }
}
