using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>The download of Apache Kafka (4.0 or newer) that <c>KAFKA_HOME</c> names, and the Java (17 or newer) that runs it.</summary>
internal static partial class KafkaInstallation
{
    private const int OldestJava = 17;

    // The watcher ends the process when its input is closed, which the end of the tests' process does too. It is the child of what
    // it ends: with another parent, that process is gone, and its number may be another's.
    private const string Script = """
        exec 3<&0
        { read -r line <&3; read -r id name state parent rest </proc/self/stat; [ "$parent" = $$ ] && kill -9 $$; } >/dev/null 2>&1 &
        exec "$0" "$@" 3<&- </dev/null
        """;

    private static readonly string _home = Environment.GetEnvironmentVariable("KAFKA_HOME") ?? "";
    private static readonly string _java = Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } home
        ? Path.Combine(home, "bin", "java") : "java";

    /// <summary>Why there is no Kafka to start; null when there is.</summary>
    public static string? Problem { get; } = Find();

    /// <summary>The folder of its command-line tools.</summary>
    public static string Tools => Path.Combine(Path.GetFullPath(_home), "bin");

    /// <summary>Returns what starts a class of Kafka in a process that ends when its standard input is closed.</summary>
    /// <param name="name">The class's name.</param>
    /// <param name="args">Its arguments.</param>
    public static ProcessStartInfo Run(string name, params string[] args) => new("sh", [
        "-c", Script, _java, "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
        // Of the two logging libraries that a download may have, the other one writes errors alone.
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
        "-cp", Path.Combine(Path.GetFullPath(_home), "libs", "*"), name, .. args]);

    private static string? Find()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return "Kafka is started on Linux and macOS alone.";
        }

        if (_home.Length == 0)
        {
            return "KAFKA_HOME is not set.";
        }

        if (!Directory.Exists(Path.Combine(_home, "libs")))
        {
            return "KAFKA_HOME names no download of Apache Kafka.";
        }

        return JavaVersion() >= OldestJava ? null : $"There is no Java {OldestJava} here.";
    }

    private static int JavaVersion()
    {
        try
        {
            using var process = Forks.Start(new ProcessStartInfo(_java, ["-version"]) { RedirectStandardError = true });
            var version = Version().Match(process.StandardError.ReadToEnd());
            return version.Success ? int.Parse(version.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        }
        catch (Win32Exception)
        {
            return 0;
        }
    }

    [GeneratedRegex("version \"([0-9]{1,4})")]
    private static partial Regex Version();
}
