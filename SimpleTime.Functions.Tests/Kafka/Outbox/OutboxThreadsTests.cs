using System.Collections.Concurrent;
using Confluent.Kafka;
using SimpleTime.Functions.Tests.Kafka.Outbox.Files;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Outbox;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>Everything at once.</summary>
public sealed class OutboxThreadsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FoldersUnderTest _folders;

    public OutboxThreadsTests()
    {
        _folders = new FoldersUnderTest(_folder.Combine("outbox"));
        _folders.Folders.Open();
    }

    public void Dispose()
    {
        _folders.Dispose();
        _folder.Dispose();
    }

    /// <summary>Acceptance, hand-over, reports, a writer and clients that end, at once.</summary>
    [Fact]
    public async Task Nothing_is_lost_counted_twice_or_left_behind_among_threads()
    {
        const int Each = 20_000;
        await using var rig = new OutboxRig();
        var topic = rig.Add("topic");
        topic.Windows.Update([.. Enumerable.Range(0, 12)]);
        using var done = new CancellationTokenSource();
        var accepted = 0L;
        var files = new List<OutboxFile>();
        var sent = new ConcurrentQueue<OutboxMessage>();
        var loops = new[]
        {
            Run(() => Loop(_ => rig.TakeAll(topic).ForEach(sent.Enqueue))),
            Run(() => Loop(Report, 1)),
            Run(() => Loop(random => rig.Outbox.Requeue(random.Next(2) == 0 ? rig.Producer.Main : rig.Producer.Single!), 1)),
            Run(() => Loop(Write, 1)),
        };

        await Task.WhenAll(Enumerable.Range(0, 2).Select(seed => Run(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < Each; i++)
            {
                if (rig.Outbox.TryAccept(topic, [1], null, out var ready))
                {
                    Interlocked.Increment(ref accepted);
                }

                if (ready is not null)
                {
                    sent.Enqueue(ready);
                }

                if (random.Next(100) == 0)
                {
                    Thread.Sleep(1);
                }
            }
        })));
        await done.CancelAsync();
        await Task.WhenAll(loops).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal([OutboxFileKind.Backlog, OutboxFileKind.Journal], files.Select(file => file.Kind).Distinct().Order());

        // All that is left is sent, and read back, and sent.
        rig.Outbox.Requeue(rig.Producer.Main);
        rig.Outbox.Requeue(rig.Producer.Single!);
        foreach (var file in files.Where(file => file.Kind == OutboxFileKind.Backlog))
        {
            rig.Unwritten.Load(topic, FoldersUnderTest.Records(0, file.Outstanding), file);
        }

        while (rig.TakeAll(topic) is { Count: > 0 } taken)
        {
            rig.Acknowledge(taken);
        }

        Assert.Equal(accepted, rig.Metering.Sum("functions.kafka.output.delivered"));
        Assert.Equal((0, 0, 0), (rig.Outbox.Pending, rig.Outbox.CountNotDurable(), rig.Outbox.Lost));
        Assert.Equal((0, 0, 0, 0L), (topic.Unwritten.Count, topic.Sending.Count, topic.SingleCount, topic.WaitingBytes));
        Assert.Equal((0L, 0L), (topic.Pending, topic.BacklogBytes));
        Assert.All(files, file => Assert.Equal(0, file.Outstanding));
        Assert.False(rig.Messages.IsHalfFull);

        // Threads of their own, since the pool has two to begin with.
        static Task Run(Action action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        void Loop(Action<Random> action, int pause = 0)
        {
            var random = new Random(1);
            while (!done.IsCancellationRequested)
            {
                action(random);
                Thread.Sleep(pause);
            }
        }

        void Report(Random random)
        {
            while (sent.TryDequeue(out var message))
            {
                if (random.Next(10) > 0)
                {
                    rig.Acknowledge(message);
                }
                else
                {
                    rig.Fail(random.Next(2) == 0 ? ErrorCode.Local_MsgTimedOut : ErrorCode.Local_QueueFull, message);
                }
            }
        }

        void Write(Random random)
        {
            var batch = rig.Take(topic, isUrgent: true);
            Thread.Sleep(random.Next(2));
            if (random.Next(4) == 0)
            {
                rig.Unwritten.NotWritten([.. batch.Backlog, .. batch.Journal]);
                return;
            }

            foreach (var (messages, kind) in ((List<OutboxMessage>, OutboxFileKind)[])[(batch.Backlog, OutboxFileKind.Backlog), (batch.Journal, OutboxFileKind.Journal)])
            {
                if (messages.Count > 0)
                {
                    var file = _folders.Folders.Create(kind);
                    file.Append(FoldersUnderTest.Records(0, messages.Count));
                    rig.Unwritten.Written(messages, file);
                    files.Add(file);
                }
            }
        }
    }
}
