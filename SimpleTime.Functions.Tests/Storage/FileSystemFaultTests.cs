using System.Diagnostics;
using System.Text.Json;
using SimpleTime.Functions.Storage;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Storage;

public sealed class FileSystemFaultTests : IDisposable
{
    private const string ReadOnly = "it cannot be written. Check its permissions, and that its volume is not read-only.";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UnprivilegedFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_read_only_file_is_named_until_it_can_be_written()
    {
        await using (var earlier = _folder.Store())
        {
            await earlier.PersistAsync([TempFolder.Row("a")], default);
        }

        File.SetUnixFileMode(_folder.Database, UnixFileMode.UserRead);
        await using var store = _folder.Store();

        Assert.Contains(ReadOnly, (await Fails(store)).Message, StringComparison.Ordinal);

        File.SetUnixFileMode(_folder.Database, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await store.PersistAsync([TempFolder.Row("b")], default);
        Assert.Equal(["a", "b"], _folder.Query("SELECT event_id FROM custom_events ORDER BY id"));
    }

    [UnprivilegedFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_read_only_folder_is_named_until_it_can_be_written()
    {
        var parent = Path.Combine(_folder.Root, "data");
        var path = Path.Combine(parent, "events.db");
        Directory.CreateDirectory(parent);
        File.SetUnixFileMode(parent, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var store = TempFolder.Store(path);

        Assert.Contains("it cannot be opened.", (await Fails(store)).Message, StringComparison.Ordinal);

        File.SetUnixFileMode(parent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await store.PersistAsync([TempFolder.Row("a")], default);
        Assert.Equal(["a"], TempFolder.Query(path, "SELECT event_id FROM custom_events"));
    }

    [Fact]
    public async Task A_damaged_file_is_named_until_a_whole_one_is_there()
    {
        await using (var earlier = _folder.Store())
        {
            await earlier.PersistAsync([.. Enumerable.Range(0, 1000).Select(row => TempFolder.Row($"row-{row}"))], default);
        }

        using (var file = new FileStream(_folder.Database, FileMode.Open, FileAccess.Write))
        {
            // All but the header: the pages of tables and indexes.
            file.Position = 100;
            file.Write(new byte[file.Length - 100]);
        }

        await using var store = _folder.Store();
        Assert.Contains("it is damaged. Move it away or restore it from a backup.", (await Fails(store)).Message, StringComparison.Ordinal);

        File.Move(_folder.Database, _folder.Database + ".damaged");
        await store.PersistAsync([TempFolder.Row("a")], default);
        Assert.Equal(["a"], _folder.Query("SELECT event_id FROM custom_events"));
    }

    /// <summary>
    /// The service on a file system that fills up and is emptied again: requests are answered, the group is kept, no event is lost.
    /// The service runs in a namespace of its own, and its folder is seen through /proc.
    /// </summary>
    [MountNamespaceFact]
    public async Task A_full_disk_pauses_and_costs_no_event()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        var mount = Directory.CreateDirectory(Path.Combine(_folder.Root, "disk")).FullName;
        var start = new ProcessStartInfo(
            "unshare", ["-rm", "sh", "-c", $"mount -t tmpfs -o size=2m tmpfs '{mount}' && exec \"$@\"", "sh", .. ServiceCommand()]);
        foreach (var (name, value) in ServiceCalls.Settings(
            broker.BootstrapServers,
            ("DB_PATH", Path.Combine(mount, "events.db")),
            ("EVENT_SPOOL_PATH", Path.Combine(_folder.Root, "spool")),
            ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
            ("DOTNET_gcServer", "0")))
        {
            start.Environment[name] = value;
        }

        await using var service = ChildProcess.Start(start);
        var address = await service.WaitForOutputAsync(
            lines => lines.FirstOrDefault(line => line.Contains("Now listening on: ", StringComparison.Ordinal)), "its address", TimeSpan.FromSeconds(30));
        using var client = new HttpClient { BaseAddress = new Uri(address[(address.IndexOf("http", StringComparison.Ordinal))..]) };
        var disk = $"/proc/{service.Id}/root{mount}";
        await GetAsync(client, 5);
        await Eventually.BecomesTrueAsync(() => File.Exists(disk + "/events.db-wal"), TimeSpan.FromSeconds(30));

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

        // SQLite resolves /proc/PID/root to a path of this namespace: read a copy.
        await Task.Delay(2000);
        File.Copy(disk + "/events.db", _folder.Database);
        File.Copy(disk + "/events.db-wal", _folder.Database + "-wal");
        Assert.Equal(["225"], _folder.Query("SELECT count(*) FROM http_requests q JOIN http_responses r ON r.request_id = q.event_id"));
        Assert.Equal(["225|225"], _folder.Query("SELECT count(*), count(DISTINCT event_id) FROM http_requests"));
        Assert.Equal(["ok"], _folder.Query("PRAGMA integrity_check"));
        Assert.Single(service.Output, line => line.Contains("its disk is full", StringComparison.Ordinal));
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

    private static async Task<EventStoreException> Fails(SimpleTime.Functions.Storage.Sqlite.SqliteEventStore store) =>
        await Assert.ThrowsAsync<EventStoreException>(() => store.PersistAsync([TempFolder.Row("failed")], default).AsTask());
}
