using System.Text.Json;
using SimpleTime.Functions.Refused;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using SimpleTime.Functions.Worker.Kafka.Outbox.Refused;
using Xunit;

namespace SimpleTime.Functions.Tests.Refused;

public sealed class RefusedCommandTests : IDisposable
{
    // MESSAGE_TOO_LARGE, for the batch and for the message alone.
    private const string Refusals = "errors 0 10 10";

    private readonly TempFolder _folder = new();

    private string Spool => _folder.Combine("spool");

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Category", "Smoke")]
    public async Task What_Kafka_refused_for_good_is_sent_again_when_it_is_taken_and_makes_one_row()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 1);
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(broker.BootstrapServers, ("EVENT_SPOOL_PATH", Spool)));
        await service.BecomesUpAsync();
        await broker.CommandAsync(Refusals);
        var (_, answer) = await service.PublishAsync("""{"event_type":"order"}""");
        await Eventually.EqualsAsync(1L, () => service.MetricAsync("functions_kafka_output_rejected_total"), TimeSpan.FromSeconds(30));

        // Another may follow within a minute.
        var (exitCode, output) = await RunAsync(broker.BootstrapServers, "--all");
        Assert.Equal(1, exitCode);
        Assert.Contains(".refused is left, as a service that runs writes to it", Assert.Single(output), StringComparison.Ordinal);

        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync(TimeSpan.FromSeconds(15)));
        (exitCode, output) = await RunAsync(broker.BootstrapServers, "--all");

        Assert.True(exitCode == 0, string.Join('\n', output));
        Assert.Matches(
            $@"^[0-9]+: for {ServiceCalls.Topic}, accepted at 20.*Z, refused because: Broker: Message size too large; [0-9]+ bytes: \{{""event_id"":""", output[0]);
        Assert.Equal("Kafka acknowledged 1 of 1 refused messages.", output[1]);
        Assert.Empty(Directory.GetFiles(Path.Combine(Spool, "refused")));
        var record = Assert.Single(await TopicReader.ReadAllAsync(broker.BootstrapServers, ServiceCalls.Topic)).Message;
        Assert.Equal(
            answer.GetProperty("event").GetProperty("event_id").GetString(), JsonElement.Parse(record.Value).GetProperty("event_id").GetString());
        Assert.DoesNotContain(record.Headers ?? [], header => header.Key == RefusedRecord.ReasonHeader);

        (exitCode, output) = await RunAsync(broker.BootstrapServers, "--all");
        Assert.Equal((0, "There are no refused messages to replay."), (exitCode, Assert.Single(output)));
    }

    [Fact]
    public async Task A_command_that_is_stopped_says_at_once_how_far_it_came_and_keeps_the_rest()
    {
        using var folder = new RefusedFolder();
        folder.Write("a", "b");
        await using var command = ServiceProcess.Launch(
            ServiceCalls.Settings("127.0.0.1:1", ("EVENT_SPOOL_PATH", folder.Spool)), RefusedCommand.Name, "--all");
        await Eventually.BecomesTrueAsync(() => command.Output.Any(line => line.EndsWith("1 bytes: b", StringComparison.Ordinal)));

        command.Terminate();

        // Kafka's acknowledgement is waited for half a minute.
        Assert.Equal(1, await command.WaitForExitAsync(TimeSpan.FromSeconds(15)));
        Assert.Equal("Kafka acknowledged 0 of 2 refused messages.", command.Output[^1]);
        Assert.Equal(["a", "b"], folder.Values());
    }

    [Fact]
    public async Task What_makes_no_sense_is_one_line_and_the_exit_code_2()
    {
        await RefusesAsync("127.0.0.1:1", $"EVENT_SPOOL_PATH {Spool}: there is no such folder.", "--all");
        await RefusesAsync("127.0.0.1:1", $"Which refused messages are to be replayed? {RefusedCommand.Syntax.Usage}");
        Directory.CreateDirectory(Spool);
        await RefusesAsync("127.0.0.1:1", "There is no refused message with the id 7. Nothing was sent.", "--id", "7");
        await RefusesAsync(
            "embedded",
            "KAFKA_BROKERS is \"embedded\", a broker within the service's own process. Set it to the address that the service printed at start.",
            "--all");
    }

    private async Task RefusesAsync(string brokers, string line, params string[] args)
    {
        var (exitCode, output) = await RunAsync(brokers, args);
        Assert.Equal([line], output);
        Assert.Equal(2, exitCode);
    }

    private async Task<(int ExitCode, IReadOnlyList<string> Output)> RunAsync(string brokers, params string[] args)
    {
        await using var command = ServiceProcess.Launch(ServiceCalls.Settings(brokers, ("EVENT_SPOOL_PATH", Spool)), [RefusedCommand.Name, .. args]);
        var exitCode = await command.WaitForExitAsync(TimeSpan.FromSeconds(60));
        return (exitCode, command.Output);
    }
}
