using System.Globalization;
using SimpleTime.Functions.DeadLetters;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Persistence.Sqlite;
using SimpleTime.Functions.Replay;
using Xunit;
using Database = SimpleTime.Functions.Tests.Persistence.TempFolder;

namespace SimpleTime.Functions.Tests.DeadLetters;

/// <summary>How a replay of many letters ends.</summary>
public sealed class DeadLetterReplayTests : IDisposable, IAsyncLifetime
{
    private const int Letters = 400;

    private readonly Database _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private readonly CancellationTokenSource _stopping = new();

    private string LastLine => _output.ToString().TrimEnd().Split('\n')[^1];

    public async Task InitializeAsync()
    {
        await using var store = _folder.Store();
        await store.PersistAsync([.. Enumerable.Range(1, Letters).Select(i => new DeadLetter(
            $"events/0/{i}@1", "2026-03-01T12:00:00.123000Z", "events", 0, i, null, "x"u8.ToArray(), 1, "Some reason."))], default);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _stopping.Dispose();
        _output.Dispose();
        _errors.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_Kafka_leaves_tells_how_many_of_all_that_were_asked_for_were_acknowledged(bool isAll)
    {
        var exitCode = await ReplayAsync(isAll, sent => sent <= 130 ? Task.CompletedTask : throw new TimeoutException("Kafka is away."));

        Assert.Equal(ReplayExitCode.NotAllAcknowledged, exitCode);
        Assert.Equal("Kafka acknowledged 130 of 400 dead letters.", LastLine);
        Assert.Equal(130, Replayed());
    }

    [Fact]
    public async Task One_that_is_stopped_marks_what_was_acknowledged_and_tells_it()
    {
        var exitCode = await ReplayAsync(true, async sent =>
        {
            if (sent == 200)
            {
                await _stopping.CancelAsync();
            }

            if (sent >= 200)
            {
                await Task.Delay(Timeout.Infinite, _stopping.Token);
            }
        });

        Assert.Equal(ReplayExitCode.NotAllAcknowledged, exitCode);
        Assert.Equal("Kafka acknowledged 199 of 400 dead letters.", LastLine);
        Assert.Contains("200: not acknowledged when the command was stopped; it may have been sent.", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(199, Replayed());
    }

    [Fact]
    public async Task One_that_cannot_mark_counts_what_was_acknowledged()
    {
        using var other = Database.Connect(_folder.Database);
        using var command = other.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();

        var exitCode = await ReplayAsync(true, _ => Task.CompletedTask);

        Assert.Equal(ReplayExitCode.NotAllAcknowledged, exitCode);
        Assert.Equal("Kafka acknowledged 128 of 400 dead letters.", LastLine);
        Assert.Contains("128 letters were acknowledged but cannot be marked as replayed", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_whose_file_fails_on_the_way_tells_what_was_acknowledged_too()
    {
        var exitCode = await ReplayAsync(true, sent =>
        {
            if (sent == 129)
            {
                Database.Execute(_folder.Database, "ALTER TABLE dead_letters RENAME TO gone");
            }

            return Task.CompletedTask;
        });

        Assert.Equal(ReplayExitCode.NotAllAcknowledged, exitCode);
        Assert.Equal("Kafka acknowledged 256 of 400 dead letters.", LastLine);
        Assert.NotEmpty(_errors.ToString());
    }

    private long Replayed() => long.Parse(
        Assert.Single(_folder.Query("SELECT count(*) FROM dead_letters WHERE replayed_at IS NOT NULL")), CultureInfo.InvariantCulture);

    private async Task<int> ReplayAsync(bool isAll, Func<int, Task> publish)
    {
        using var letters = SqliteDeadLetters.Open(_folder.Database);
        var replay = new DeadLetterReplay(letters, new Publisher(publish), _output, _errors, TimeProvider.System);
        var options = new ReplayOptions(isAll ? null : [.. Enumerable.Range(1, Letters).Select(id => (long)id)], null);
        return await replay.RunAsync(options, "events", _stopping.Token);
    }

    /// <summary>Stands for Kafka: told the number of each record, from 1.</summary>
    private sealed class Publisher(Func<int, Task> publish) : IEventPublisher
    {
        private int _sent;

        public async Task PublishAsync(
            string topic, byte[]? key, byte[]? value, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, CancellationToken cancellationToken) =>
            await publish(++_sent);
    }
}
