using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>The Kafka of <c>overlays/local</c>, started by its own script with its own properties.</summary>
public sealed class LocalKafkaTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(120);

    [KafkaFact]
    public async Task It_starts_and_can_hold_the_topic()
    {
        using var folder = new TempFolder();
        var ports = NodePorts.Choose();
        // Ports, and the broker's name and data, are the pod's there.
        var properties = (await File.ReadAllTextAsync(Kubectl.PathOf("overlays/local/server.properties")))
            .Replace("kafka.kafka.svc:9092", $"127.0.0.1:{ports.Plain}", StringComparison.Ordinal)
            .Replace(":9092", $"127.0.0.1:{ports.Plain}", StringComparison.Ordinal)
            .Replace("localhost:9093", $"127.0.0.1:{ports.Controller}", StringComparison.Ordinal)
            .Replace("/var/lib/kafka/data", folder.Combine("data"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.Combine("server.properties"), properties);
        File.Copy(Kubectl.PathOf("overlays/local/start-kafka.sh"), folder.Combine("start-kafka.sh"));
        var start = new ProcessStartInfo("bash", [folder.Combine("start-kafka.sh")])
        {
            Environment = { ["KAFKA_BIN"] = KafkaInstallation.Tools, ["KAFKA_HEAP_OPTS"] = "-Xmx256M", ["LOG_DIR"] = folder.Path, ["JDK_JAVA_OPTIONS"] = "" },
        };
        await using var process = ChildProcess.Start(start);
        using var admin = new KafkaAdmin($"127.0.0.1:{ports.Plain}", 1);

        await process.WaitForOutputAsync(lines => lines.FirstOrDefault(line => line.Contains("Kafka Server started", StringComparison.Ordinal)), "start", _deadline);
        await admin.CreateTopicAsync("simple-time-events", 12);
    }
}
