using System.Diagnostics;
using System.Text.Json;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

[Trait("Category", "Faults")]
public class FullDiskTests : FaultTest
{
    protected override bool NeedsTestBroker => false;

    /// <summary>
    /// The service on a file system that fills up and is emptied again: requests are answered, the group is kept, no event is lost.
    /// The service runs in a namespace of its own, and its folder is seen through /proc.
    /// </summary>
    [MountNamespaceFact]
    public async Task A_full_disk_pauses_and_costs_no_event()
    {
        var mount = Directory.CreateDirectory(Database + ".disk").FullName;
        var start = new ProcessStartInfo(
            "unshare", ["-rm", "sh", "-c", $"mount -t tmpfs -o size=2m tmpfs '{mount}' && exec \"$@\"", "sh", .. ServiceCommand()]);
        foreach (var (name, value) in Settings(("DB_PATH", Path.Combine(mount, "events.db")), ("ASPNETCORE_URLS", "http://127.0.0.1:0")))
        {
            start.Environment[name] = value;
        }

        await using var service = ChildProcess.Start(start);
        var address = await service.WaitForOutputAsync(
            lines => lines.FirstOrDefault(line => line.Contains("Now listening on: ", StringComparison.Ordinal)), "its address", TimeSpan.FromSeconds(30));
        using var client = new HttpClient { BaseAddress = new Uri(address[(address.IndexOf("http", StringComparison.Ordinal))..]) };
        var disk = $"/proc/{service.Id}/root{mount}";
        await GetAsync(client, 5);
        await Eventually.EqualsAsync(5L, AnsweredAsync, TimeSpan.FromSeconds(30));

        Fill(disk + "/filler");
        await GetAsync(client, 200);
        var status = await Eventually.MeetsAsync(
            () => StatusAsync(client), s => s.GetProperty("paused_reason").ValueKind == JsonValueKind.String, TimeSpan.FromSeconds(30));
        Assert.Contains("its disk is full. Make room.", status.GetProperty("paused_reason").GetString(), StringComparison.Ordinal);
        Assert.Equal("UP", status.GetProperty("kafka_consumer").GetString());
        await GetAsync(client, 20);

        File.Delete(disk + "/filler");
        await Eventually.BecomesTrueAsync(
            async () => (await StatusAsync(client)) is var s && s.GetProperty("paused_reason").ValueKind == JsonValueKind.Null
                && s.GetProperty("lag") is { ValueKind: JsonValueKind.Number } lag && lag.GetInt64() == 0,
            TimeSpan.FromSeconds(60));

        await Eventually.EqualsAsync(225L, AnsweredAsync);
        await AllAreStoredAsync(225);
        Assert.Single(service.Output, line => line.Contains("its disk is full", StringComparison.Ordinal));

        // SQLite resolves /proc/PID/root to a path of this namespace: a copy is looked at.
        async Task<long> AnsweredAsync()
        {
            File.Copy(disk + "/events.db", Database, overwrite: true);
            File.Copy(disk + "/events.db-wal", Database + "-wal", overwrite: true);
            File.Delete(Database + "-shm");
            return await StoredEvents.AnsweredRequestsAsync(Database);
        }
    }

    private static string[] ServiceCommand() => Environment.GetEnvironmentVariable("SIMPLETIME_EXECUTABLE") is { Length: > 0 } executable
        ? [Path.GetFullPath(executable)]
        : [DotnetHost.Path, DotnetHost.OutputFile("SimpleTime.Functions.dll")];

    private static async Task GetAsync(HttpClient client, int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var response = await client.GetAsync(new Uri("/", UriKind.Relative));
            Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        }
    }

    private static async Task<JsonElement> StatusAsync(HttpClient client) =>
        JsonElement.Parse(await (await client.GetAsync(new Uri("/kafka/status", UriKind.Relative))).Content.ReadAsByteArrayAsync());

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }
}
