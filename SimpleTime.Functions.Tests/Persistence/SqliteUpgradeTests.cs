using SimpleTime.Functions.Persistence;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

public sealed class SqliteUpgradeTests : IDisposable
{
    private const string Original =
        """
        CREATE TABLE http_requests (id INTEGER PRIMARY KEY AUTOINCREMENT, user_ip TEXT, method TEXT, endpoint TEXT, hostname TEXT, os TEXT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP);
        CREATE TABLE http_responses (id INTEGER PRIMARY KEY AUTOINCREMENT, user_ip TEXT, status_code INTEGER, response_time_ms REAL, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP);
        CREATE TABLE errors (id INTEGER PRIMARY KEY AUTOINCREMENT, error_message TEXT, error_type TEXT);
        CREATE TABLE custom_events (id INTEGER PRIMARY KEY AUTOINCREMENT, event_type TEXT, data TEXT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP);
        INSERT INTO http_requests (user_ip, timestamp) VALUES ('203.0.113.1', '2025-01-01 00:00:00'), ('203.0.113.2', '2025-01-02 00:00:00');
        INSERT INTO http_responses (id, status_code) VALUES (7, 200);
        INSERT INTO errors (error_message) VALUES ('It broke');
        """;

    private static readonly StoredRecord[] _batch = [new ErrorRow("new", "2026-03-01T12:00:00.000000Z", "Again", "X", "/")];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_of_the_original_is_upgraded_with_its_rows()
    {
        TempFolder.Execute(_folder.Database, Original);
        await using var store = _folder.Store();

        await store.PersistAsync(_batch, default);

        Assert.Equal(
            ["1|203.0.113.1|2025-01-01 00:00:00|legacy-http_requests-1", "2|203.0.113.2|2025-01-02 00:00:00|legacy-http_requests-2"],
            _folder.Query("SELECT id, user_ip, timestamp, event_id FROM http_requests"));
        Assert.Equal(
            ["7|200|legacy-http_responses-7|NULL"], _folder.Query("SELECT id, status_code, event_id, request_id FROM http_responses"));
        Assert.Equal(
            ["It broke|NULL|NULL|legacy-errors-1", "Again|/|2026-03-01T12:00:00.000000Z|new"],
            _folder.Query("SELECT error_message, endpoint, timestamp, event_id FROM errors ORDER BY id"));
        Assert.Equal(["0"], _folder.Query("SELECT count(*) FROM dead_letters"));
        Assert.Equal(["1"], _folder.Query("PRAGMA user_version"));
        Assert.Equal(["5"], _folder.Query("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE UNIQUE INDEX%(event_id)'"));
    }

    [Fact]
    public async Task An_upgraded_file_is_left_as_it_is()
    {
        TempFolder.Execute(_folder.Database, Original);
        await using (var store = _folder.Store())
        {
            await store.PersistAsync(_batch, default);
        }

        var schema = _folder.Query("SELECT sql FROM sqlite_master");
        await using (var store = _folder.Store())
        {
            Assert.Equal(new PersistSummary { Duplicates = 1 }, await store.PersistAsync(_batch, default));
        }

        Assert.Equal(schema, _folder.Query("SELECT sql FROM sqlite_master"));
    }

    [Fact]
    public async Task An_upgrade_that_fails_changes_nothing()
    {
        TempFolder.Execute(_folder.Database, Original + "CREATE TABLE dead_letters (text TEXT);");
        var schema = _folder.Query("SELECT sql FROM sqlite_master");
        await using var store = _folder.Store();

        var failure = await Assert.ThrowsAsync<EventStoreException>(() => store.PersistAsync(_batch, default).AsTask());

        Assert.Equal(
            $"DB_PATH {_folder.Database}: its table dead_letters has no column id, so it is not of this service. Point DB_PATH at another file.",
            failure.Message);
        Assert.Equal(schema, _folder.Query("SELECT sql FROM sqlite_master"));
        Assert.Equal(["0"], _folder.Query("PRAGMA user_version"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    public async Task A_file_of_another_version_is_refused(int version)
    {
        TempFolder.Execute(_folder.Database, $"PRAGMA user_version = {version}");
        await using var store = _folder.Store();

        var failure = await Assert.ThrowsAsync<EventStoreException>(() => store.PersistAsync(_batch, default).AsTask());

        Assert.Contains($"DB_PATH {_folder.Database}: its schema has version {version}, and this service knows 1.", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Query("SELECT name FROM sqlite_master"));
    }
}
