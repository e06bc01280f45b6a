using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>What becomes of messages that Kafka refused for good.</summary>
public sealed class RefusedWriterTests : IDisposable
{
    private const short Produce = 0;
    private const int TooLarge = 10;

    private readonly TempFolder _folder = new();

    private string Spool => _folder.Combine("spool");

    private string[] Files => Directory.GetFiles(Path.Combine(Spool, "refused"), "*.refused");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_for_which_there_is_no_room_is_dropped_and_told_by_the_log_and_by_a_flush()
    {
        using var topic = new TestTopic();
        object? value = null;
        await using var worker = await TestWorker.StartAsync(
            [TestFunctions.HttpWithEvents("Send", topic.Output, () => Results.Text("sent"), () => value)],
            new Dictionary<string, string?> { ["EVENT_SPOOL_PATH"] = Spool, ["EVENT_SPOOL_MAX_BYTES"] = "1048576" });
        using var metering = new Metering(worker.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        var kafka = worker.Services.GetRequiredService<IKafkaHost>();
        await Eventually.BecomesTrueAsync(() => worker.Kafka.IsUp);
        await RefuseAsync(100_000);
        await Eventually.EqualsAsync(1L, () => metering.Sum("functions.kafka.output.rejected"), TimeSpan.FromSeconds(30));

        // With the first one's it is more than may be on the disk. Kafka refuses it when the flush has begun.
        topic.Broker.SetRoundTripTime(TimeSpan.FromSeconds(1));
        await RefuseAsync(990_000);
        Assert.Equal(1, await kafka.FlushAsync(TimeSpan.FromSeconds(30), CancellationToken.None));

        Assert.Equal(0, worker.Kafka.Pending);
        Assert.Equal(1, metering.Sum("functions.kafka.output.dropped"));
        Assert.Equal(1, metering.Sum("functions.kafka.output.rejected"));
        Assert.Equal(1, worker.Logs.Count("1 messages for Kafka were dropped since this was last logged, the latest because: Kafka refused them for good"));

        Task<string> RefuseAsync(int bytes)
        {
            topic.Broker.PushRequestErrors(Produce, TooLarge, TooLarge);
            value = new string('x', bytes);
            return worker.Client.GetStringAsync("/Send");
        }
    }

    [Fact]
    public void Those_that_fit_are_kept_beside_one_that_does_not()
    {
        using var host = Build(new FakeTimeProvider());
        Refuse(host, 100_000, 990_000, 100_000);

        host.Services.GetRequiredService<OutboxWriter>().Run();

        Assert.Equal((0, 1), (host.Services.GetRequiredService<OutboxMessages>().Pending, host.Services.GetRequiredService<OutboxMessages>().Lost));
        Assert.InRange(new FileInfo(Assert.Single(Files)).Length, 200_000, 210_000);
    }

    [Fact]
    public void A_file_is_let_go_a_minute_after_its_last_message_and_the_next_one_gets_another()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var host = Build(clock);
        var writer = host.Services.GetRequiredService<OutboxWriter>();
        var refused = host.Services.GetRequiredService<RefusedMessages>();
        Refuse(host, 10);
        writer.Run();
        var path = Assert.Single(Files);
        clock.Advance(TimeSpan.FromSeconds(50));
        Refuse(host, 10);
        writer.Run();
        clock.Advance(TimeSpan.FromSeconds(50));
        writer.Run();
        Assert.Null(refused.TryOpen(path));

        clock.Advance(TimeSpan.FromSeconds(11));
        writer.Run();

        using (var file = refused.TryOpen(path))
        {
            Assert.Equal(2, file!.Read().Count);
        }

        // Whoever sent the messages again deletes it: it is not carried over.
        File.Delete(path);
        clock.Advance(TimeSpan.FromSeconds(2));
        writer.Run();
        Assert.Empty(Files);
        Refuse(host, 10);
        writer.Run();
        Assert.NotEqual(path, Assert.Single(Files));
        writer.Close();
    }

    private IHost Build(TimeProvider clock) => TestWorker.Build(
        [],
        new Dictionary<string, string?> { ["EVENT_SPOOL_PATH"] = Spool, ["EVENT_SPOOL_MAX_BYTES"] = "1048576" },
        builder => builder.Services.AddSingleton(clock)).Host;

    private static void Refuse(IHost host, params int[] sizes)
    {
        var messages = host.Services.GetRequiredService<OutboxMessages>();
        var output = new Microsoft.Azure.Functions.Worker.KafkaOutputAttribute("127.0.0.1:1", "things");
        var destination = host.Services.GetRequiredService<OutboxDestinations>().GetOrAdd(ProducerProfile.Of(output, "127.0.0.1:1"), "things");
        lock (messages.Lock)
        {
            foreach (var size in sizes)
            {
                var message = new OutboxMessage(destination, new byte[size], null, host.Services.GetRequiredService<TimeProvider>().GetTimestamp());
                Assert.True(messages.TryAccept(message, out _));
                messages.Claim(message);
                messages.Wait(message, messages.RefusedForGood);
            }
        }
    }
}
