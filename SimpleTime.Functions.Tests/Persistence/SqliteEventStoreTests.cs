using SimpleTime.Functions.Persistence;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

public sealed class SqliteEventStoreTests : IDisposable
{
    private const string Time = "2026-03-01T12:00:00.000000Z";

    private static readonly StoredRecord[] _batch =
    [
        new HttpRequestRow("a", Time, "203.0.113.9", "GET", "/", "pod-1", "Linux"),
        new HttpResponseRow("b", Time, "203.0.113.9", 200, 0.42, "a"),
        new ErrorRow("c", Time, "It broke", "JsonException", "/kafka/publish"),
        new CustomEventRow("d", Time, "order", """{"id":7}"""),
        new DeadLetter("t/0/1@2", Time, "t", 0, 1, new byte[] { 1 }, new byte[] { 2, 3 }, 70_000, "The value is not valid JSON."),
        new HttpRequestRow("e", Time, null, null, null, null, null),
        new HttpResponseRow("f", Time, null, null, null, null),
        new DeadLetter("t/0/2@2", Time, "t", 0, 2, null, null, 0, "The record has no value."),
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Writes_every_record_to_its_table()
    {
        await using var store = _folder.Store();

        var summary = await store.PersistAsync(_batch, default);

        Assert.Equal(
            new PersistSummary { HttpRequests = 2, HttpResponses = 2, Errors = 1, CustomEvents = 1, DeadLetters = 2 }, summary);
        Assert.Equal(
            [$"1|203.0.113.9|GET|/|pod-1|Linux|{Time}|a", $"2|NULL|NULL|NULL|NULL|NULL|{Time}|e"], _folder.Query("SELECT * FROM http_requests"));
        Assert.Equal(
            [$"1|203.0.113.9|200|0.42|{Time}|b|a", $"2|NULL|NULL|NULL|{Time}|f|NULL"], _folder.Query("SELECT * FROM http_responses"));
        Assert.Equal([$"1|It broke|JsonException|/kafka/publish|{Time}|c"], _folder.Query("SELECT * FROM errors"));
        Assert.Equal([$$"""1|order|{"id":7}|{{Time}}|d"""], _folder.Query("SELECT * FROM custom_events"));
        Assert.Equal(
            [
                $"1|t|0|1|01|0203|70000|The value is not valid JSON.|{Time}|t/0/1@2|NULL",
                $"2|t|0|2|NULL|NULL|0|The record has no value.|{Time}|t/0/2@2|NULL",
            ],
            _folder.Query(
                """
                SELECT id, topic, partition, "offset", iif(key IS NULL, NULL, hex(key)), iif(payload IS NULL, NULL, hex(payload)),
                    payload_bytes, reason, timestamp, event_id, replayed_at
                FROM dead_letters
                """));
    }

    [Fact]
    public async Task Leaves_out_and_counts_what_is_stored_already()
    {
        await using var store = _folder.Store();
        await store.PersistAsync(_batch, default);

        var repeated = await store.PersistAsync([.. _batch, TempFolder.Row("new"), TempFolder.Row("new")], default);

        Assert.Equal(new PersistSummary { CustomEvents = 1, Duplicates = 9 }, repeated);
        Assert.Equal(["2"], _folder.Query("SELECT count(*) FROM custom_events"));
    }

    [Fact]
    public async Task The_tables_are_those_of_the_contract()
    {
        await using var store = _folder.Store();
        await store.PersistAsync(_batch, default);

        Assert.Equal(
            [
                "CREATE TABLE http_requests (id INTEGER PRIMARY KEY AUTOINCREMENT, user_ip TEXT, method TEXT, endpoint TEXT, hostname TEXT, os TEXT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, event_id TEXT)",
                "CREATE TABLE http_responses (id INTEGER PRIMARY KEY AUTOINCREMENT, user_ip TEXT, status_code INTEGER, response_time_ms REAL, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, event_id TEXT, request_id TEXT)",
                "CREATE TABLE errors (id INTEGER PRIMARY KEY AUTOINCREMENT, error_message TEXT, error_type TEXT, endpoint TEXT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, event_id TEXT)",
                "CREATE TABLE custom_events (id INTEGER PRIMARY KEY AUTOINCREMENT, event_type TEXT, data TEXT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, event_id TEXT)",
                "CREATE TABLE dead_letters (id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT, partition INTEGER, \"offset\" INTEGER, key BLOB, payload BLOB, payload_bytes INTEGER, reason TEXT, timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, event_id TEXT, replayed_at DATETIME)",
            ],
            _folder.Query("SELECT sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rootpage"));
        Assert.Equal(
            ["custom_events", "dead_letters", "errors", "http_requests", "http_responses"],
            _folder.Query(
                """
                SELECT t.name FROM sqlite_master t, pragma_index_list(t.name) l, pragma_index_info(l.name) i
                WHERE t.type = 'table' AND l."unique" AND i.name = 'event_id' ORDER BY t.name
                """));
        Assert.Equal(["1"], _folder.Query("PRAGMA user_version"));
        Assert.Equal(["wal"], _folder.Query("PRAGMA journal_mode"));
    }

    [Fact]
    public async Task Opens_no_file_before_the_first_batch()
    {
        await using (_folder.Store())
        {
            Assert.Empty(Directory.GetFileSystemEntries(_folder.Root));
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public async Task Makes_the_folder_when_it_is_missing()
    {
        var path = Path.Combine(_folder.Root, "a", "b", "events.db");
        await using var store = TempFolder.Store(path);

        await store.PersistAsync(_batch, default);

        Assert.Equal(["2"], TempFolder.Query(path, "SELECT count(*) FROM http_requests"));
    }

    [Fact]
    public async Task Leaves_one_whole_file_behind_when_it_is_disposed()
    {
        await using (var store = _folder.Store())
        {
            await store.PersistAsync(_batch, default);
            Assert.True(File.Exists(_folder.Database + "-wal"));
        }

        Assert.Equal([_folder.Database, _folder.Database + ".lock"], Directory.GetFileSystemEntries(_folder.Root).Order(StringComparer.Ordinal));
        Assert.Equal(["2"], _folder.Query("SELECT count(*) FROM http_requests"));
    }

    [Fact]
    public async Task Leaves_a_whole_file_behind_while_somebody_else_has_it_open()
    {
        var copy = _folder.Database + ".copy";
        using var reader = TempFolder.Connect(_folder.Database);
        await using (var store = _folder.Store())
        {
            await store.PersistAsync(_batch, default);
            using var command = reader.CreateCommand();
            command.CommandText = "SELECT count(*) FROM http_requests";
            Assert.Equal(2L, command.ExecuteScalar());
        }

        File.Copy(_folder.Database, copy);
        Assert.Equal(["2"], TempFolder.Query(copy, "SELECT count(*) FROM http_requests"));
    }

    [Fact]
    public async Task Takes_nothing_after_it_is_disposed()
    {
        var store = _folder.Store();
        await store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.PersistAsync(_batch, default).AsTask());
    }

    [Fact]
    public async Task Stores_nothing_of_a_batch_that_was_cancelled_and_goes_on()
    {
        await using var store = _folder.Store();
        await store.PersistAsync(_batch, default);
        using var cancellation = new CancellationTokenSource();
        var batch = new CancellingBatch(cancellation, TempFolder.Row("cancelled"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.PersistAsync(batch, cancellation.Token).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.PersistAsync(_batch, cancellation.Token).AsTask());

        Assert.Equal(["d"], _folder.Query("SELECT event_id FROM custom_events"));
        await store.PersistAsync([TempFolder.Row("next")], default);
        Assert.Equal(["d", "next"], _folder.Query("SELECT event_id FROM custom_events ORDER BY id"));
    }

    [Fact]
    public async Task Batches_of_several_threads_are_written_one_after_the_other()
    {
        await using var store = _folder.Store();

        var summaries = await Task.WhenAll(Enumerable.Range(0, 20).Select(batch => Task.Run(async () =>
            await store.PersistAsync([.. Enumerable.Range(0, 50).Select(row => TempFolder.Row($"{batch}-{row}"))], default))));

        Assert.Equal(1000, summaries.Sum(summary => summary.CustomEvents));
        Assert.Equal(["1000"], _folder.Query("SELECT count(*) FROM custom_events"));
    }

    [Fact]
    public async Task Keeps_text_as_it_is()
    {
        const string text = "Zoë 😀 '; DROP TABLE errors; -- \0 end";
        await using var store = _folder.Store();

        await store.PersistAsync([new ErrorRow("a", Time, text, null, null)], default);

        Assert.Equal([text], _folder.Query("SELECT error_message FROM errors"));
    }

    /// <summary>Cancels when its first record is taken.</summary>
    private sealed class CancellingBatch(CancellationTokenSource cancellation, params StoredRecord[] records) : IReadOnlyList<StoredRecord>
    {
        public int Count => records.Length;

        public StoredRecord this[int index] => records[index];

        public IEnumerator<StoredRecord> GetEnumerator()
        {
            foreach (var record in records)
            {
                yield return record;
                cancellation.Cancel();
            }
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
