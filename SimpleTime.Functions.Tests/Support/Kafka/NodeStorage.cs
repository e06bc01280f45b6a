namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>
/// Formats the data folders of nodes. Kafka's own tool does it once: what it writes is the same for all nodes, but for their names.
/// </summary>
internal static class NodeStorage
{
    private const string Checkpoint = "bootstrap.checkpoint";

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(120);
    private static readonly Lazy<Task<byte[]>> _checkpoint = new(FormatAsync);

    /// <summary>Returns the id of a new cluster.</summary>
    public static string NewId() => Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Makes the data folder of a node.</summary>
    /// <param name="data">The folder, which is not there yet.</param>
    /// <param name="clusterId">The id of the cluster.</param>
    /// <param name="node">The node's number.</param>
    public static async Task FormatAsync(string data, string clusterId, int node)
    {
        var checkpoint = await _checkpoint.Value;
        Directory.CreateDirectory(data);
        await File.WriteAllBytesAsync(Path.Combine(data, Checkpoint), checkpoint);
        await File.WriteAllTextAsync(
            Path.Combine(data, "meta.properties"), $"version=1\ncluster.id={clusterId}\nnode.id={node}\ndirectory.id={NewId()}\n");
    }

    private static async Task<byte[]> FormatAsync()
    {
        using var folder = new TempFolder();
        var properties = folder.Combine("server.properties");
        var data = folder.Combine("data");
        await File.WriteAllTextAsync(properties, ServerProperties.Of(new(), [new(1, 2, 3, 4)], 1, data, null, null));
        await using var tool = ChildProcess.Start(
            KafkaInstallation.Run("kafka.tools.StorageTool", "format", "--cluster-id=" + NewId(), "--config", properties), "StorageTool");
        return await tool.WaitForExitAsync(_deadline) == 0
            ? await File.ReadAllBytesAsync(Path.Combine(data, Checkpoint))
            : throw new InvalidOperationException("Kafka's storage cannot be formatted. " + tool.Describe());
    }
}
