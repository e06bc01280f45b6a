using System.Text;
using Confluent.Kafka;
using SimpleTime.Functions.DeadLetters;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;
using Database = SimpleTime.Functions.Tests.Persistence.TempFolder;

namespace SimpleTime.Functions.Tests.DeadLetters;

public sealed class ReplayCommandTests : IDisposable
{
    private const string Time = "2026-03-01T12:00:00.123000Z";
    private const string Nobody = "127.0.0.1:1";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string DatabasePath => _folder.Combine("events.db");

    [Fact]
    [Trait("Category", "Smoke")]
    public async Task All_letters_are_sent_once_with_their_keys_and_stable_ids()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 4);
        await PutAsync(
            Letter(1, """{"event_id":"no","event_type":"order","data":{}}""", key: "customer-7"),
            Letter(2, "not JSON \u001b[31m"),
            Letter(3, null));

        var (exitCode, output) = await RunAsync(broker.BootstrapServers, "--all");

        Assert.True(exitCode == 0, string.Join('\n', output));
        Assert.Equal(4, output.Count);
        Assert.StartsWith($"1: from {ServiceCalls.Topic}, partition 3, offset 1; to {ServiceCalls.Topic} as ", output[0], StringComparison.Ordinal);
        Assert.EndsWith("not JSON  [31m", output[1], StringComparison.Ordinal);
        Assert.Equal("Kafka acknowledged 3 of 3 dead letters.", output[3]);
        var id = ReplayIdentity.Of(Position(1));
        var sent = (await TopicReader.ReadAllAsync(broker.BootstrapServers, ServiceCalls.Topic)).OrderBy(record => ReplayId(record)).ToArray();
        Assert.Equal(Enumerable.Range(1, 3).Select(offset => ReplayIdentity.Of(Position(offset))).Order(), sent.Select(ReplayId));
        var order = sent.Single(record => ReplayId(record) == id).Message;
        Assert.Equal("customer-7", order.Key);
        Assert.Equal($$$"""{"event_id":"{{{id}}}","timestamp":"{{{Time}}}","event_type":"order","data":{}}""", order.Value);
        Assert.Equal(["3"], Database.Query(DatabasePath, "SELECT count(*) FROM dead_letters WHERE replayed_at LIKE '20__-__-__T__:__:__.______Z'"));

        (exitCode, output) = await RunAsync(broker.BootstrapServers, "--all");

        Assert.Equal(0, exitCode);
        Assert.Equal(
            ["3 dead letters were replayed before and are left out; --id sends them again.", "There are no dead letters to replay."], output);

        (exitCode, output) = await RunAsync(broker.BootstrapServers, "--id", "2", "--topic", ServiceCalls.Topic);

        Assert.Equal(0, exitCode);
        Assert.Contains(", replayed before at 20", output[0], StringComparison.Ordinal);
        sent = [.. await TopicReader.ReadAllAsync(broker.BootstrapServers, ServiceCalls.Topic)];
        Assert.Equal(2, sent.Count(record => ReplayId(record) == ReplayIdentity.Of(Position(2))));
    }

    [Fact]
    public async Task Letters_that_are_not_whole_are_refused_by_name_and_the_others_sent()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        await PutAsync(
            Letter(1, new string('a', 65_536)) with { PayloadBytes = 70_000 },
            Letter(2, "whole"),
            Letter(3, "whole", key: new string('k', 65_536)));

        var (exitCode, output) = await RunAsync(broker.BootstrapServers, "--all");

        Assert.Equal(1, exitCode);
        Assert.Contains(
            $"1: refused, only the beginning of it is stored. Its record of 70000 bytes is in the topic {ServiceCalls.Topic}, partition 3, offset 1.",
            output);
        Assert.Contains("Kafka acknowledged 1 of 3 dead letters.", output);
        Assert.Single(await TopicReader.ReadAllAsync(broker.BootstrapServers, ServiceCalls.Topic));
        Assert.Equal(["2"], Database.Query(DatabasePath, "SELECT id FROM dead_letters WHERE replayed_at IS NOT NULL"));
    }

    [Fact]
    public async Task Without_acknowledgement_nothing_is_marked_and_the_exit_code_is_1()
    {
        await PutAsync(Letter(1, "a"), Letter(2, "b"));

        var (exitCode, output) = await RunAsync(Nobody, "--all");

        Assert.Equal(1, exitCode);
        Assert.Equal(2, output.Count(line => line.Contains(": not sent. Kafka did not acknowledge the record", StringComparison.Ordinal)));
        Assert.Contains("Kafka acknowledged 0 of 2 dead letters.", output);
        Assert.Equal(["0"], Database.Query(DatabasePath, "SELECT count(*) FROM dead_letters WHERE replayed_at IS NOT NULL"));
    }

    [Fact]
    public async Task A_command_that_is_stopped_says_at_once_how_far_it_came()
    {
        await PutAsync(Letter(1, "a"), Letter(2, "b"));
        await using var command = ServiceProcess.Launch(ServiceCalls.Settings(Nobody, ("DB_PATH", DatabasePath)), "replay-dead-letters", "--all");
        await Eventually.BecomesTrueAsync(() => command.Output.Any(line => line.StartsWith("2: from ", StringComparison.Ordinal)));

        command.Terminate();

        // Kafka's acknowledgement is waited for half a minute.
        Assert.Equal(1, await command.WaitForExitAsync(TimeSpan.FromSeconds(15)));
        Assert.Equal("Kafka acknowledged 0 of 2 dead letters.", command.Output[^1]);
    }

    [Fact]
    public async Task What_makes_no_sense_is_one_line_and_the_exit_code_2()
    {
        await RefusesAsync($"DB_PATH {DatabasePath}: there is no such file.", "--all");
        Assert.False(File.Exists(DatabasePath));
        Database.Execute(DatabasePath, "CREATE TABLE other (x)");
        await RefusesAsync($"DB_PATH {DatabasePath}: it has no dead letters of this version. Has the service written to it?", "--all");
        Assert.Equal(["other"], Database.Query(DatabasePath, "SELECT name FROM sqlite_master"));

        await PutAsync(Letter(1, "a"));
        await RefusesAsync("There is no dead letter with the id 2. Nothing was sent.", "--id", "1", "2");
        await RefusesAsync($"The option \"--al\" is not known. {DeadLetterCommand.Syntax.Usage}", "--al");
        var (exitCode, output) = await RunAsync("embedded", "--all");
        Assert.Equal(2, exitCode);
        Assert.StartsWith("KAFKA_BROKERS is \"embedded\"", Assert.Single(output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Letters_of_a_running_service_become_one_row_each_however_often_they_are_replayed()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(broker.BootstrapServers, ("DB_PATH", DatabasePath)));
        using (var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build())
        {
            await producer.ProduceAsync(ServiceCalls.Topic, new() { Value = """{"event_id":"no","event_type":"order","data":{"id":7}}""" });
            await producer.ProduceAsync(ServiceCalls.Topic, new() { Value = "never readable" });
        }

        await Eventually.EqualsAsync(2L, () => StoredEvents.CountAsync(DatabasePath, "SELECT count(*) FROM dead_letters"));
        var (exitCode, output) = await RunAsync(broker.BootstrapServers, "--all");
        Assert.True(exitCode == 0, string.Join('\n', output));
        await Eventually.EqualsAsync(3L, () => StoredEvents.CountAsync(DatabasePath, "SELECT count(*) FROM dead_letters"));
        await Eventually.EqualsAsync(1L, () => StoredEvents.CountAsync(DatabasePath, "SELECT count(*) FROM custom_events"));

        Assert.Equal(0, (await RunAsync(broker.BootstrapServers, "--id", "1", "2", "3")).ExitCode);
        await service.BecomesUpAsync();
        await service.PublishAsync("""{"event_type":"last"}""");
        await Eventually.EqualsAsync(
            1L, () => StoredEvents.CountAsync(DatabasePath, "SELECT count(*) FROM custom_events WHERE event_type = 'last'"));
        Assert.Equal(3L, await StoredEvents.CountAsync(DatabasePath, "SELECT count(*) FROM dead_letters"));
        Assert.Equal(
            1L,
            await StoredEvents.CountAsync(
                DatabasePath, $"SELECT count(*) FROM custom_events c JOIN dead_letters d ON d.timestamp = c.timestamp WHERE c.event_type = 'order' AND d.id = 1"));
        Assert.DoesNotContain(service.Output, line => line.Contains("was overwritten", StringComparison.Ordinal));

        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync(TimeSpan.FromSeconds(15)));
        Assert.Equal(["ok"], Database.Query(DatabasePath, "PRAGMA integrity_check"));
    }

    private static string Position(long offset) => $"{ServiceCalls.Topic}/3/{offset}@1772366400123";

    private static string ReplayId(ConsumeResult<string?, string> record) =>
        Encoding.ASCII.GetString(record.Message.Headers.GetLastBytes(ReplayIdentity.Header));

    private static DeadLetter Letter(long offset, string? payload, string? key = null) => new(
        Position(offset),
        Time,
        ServiceCalls.Topic,
        3,
        offset,
        key is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(key),
        payload is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(payload),
        payload is null ? 0 : Encoding.UTF8.GetByteCount(payload),
        "Some reason.");

    private async Task PutAsync(params DeadLetter[] letters)
    {
        await using var store = Database.Store(DatabasePath);
        await store.PersistAsync(letters, default);
    }

    private async Task RefusesAsync(string line, params string[] args)
    {
        var (exitCode, output) = await RunAsync(Nobody, args);
        Assert.Equal([line], output);
        Assert.Equal(2, exitCode);
    }

    private async Task<(int ExitCode, IReadOnlyList<string> Output)> RunAsync(string brokers, params string[] args)
    {
        await using var command = ServiceProcess.Launch(
            ServiceCalls.Settings(brokers, ("DB_PATH", DatabasePath)), ["replay-dead-letters", .. args]);
        var exitCode = await command.WaitForExitAsync(TimeSpan.FromSeconds(60));
        return (exitCode, command.Output);
    }
}
