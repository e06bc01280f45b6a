using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>Runs <c>create-topic.sh</c> as the job's container does.</summary>
internal static class TopicScript
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(120);

    /// <summary>Runs the script.</summary>
    /// <param name="tools">The folder of Kafka's tools.</param>
    /// <param name="settings">Its environment, besides what has nothing to do with Kafka.</param>
    /// <returns>The exit code, and what it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string tools, IEnumerable<KeyValuePair<string, string>> settings)
    {
        var start = new ProcessStartInfo("bash", [Kubectl.PathOf("base/create-topic.sh")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Java tells that it takes JDK_JAVA_OPTIONS, which are for the tests' own nodes.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("KAFKA_", StringComparison.Ordinal) || name == "JDK_JAVA_OPTIONS").ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        start.Environment["KAFKA_BIN"] = tools;
        // The tools end before a compiler that optimizes is of use.
        start.Environment["KAFKA_JVM_PERFORMANCE_OPTS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
        using var process = Forks.Start(start);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(_deadline);
        return (process.ExitCode, await output + await errors);
    }
}
