using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>Records that Kafka removed before they were read.</summary>
public sealed class RemovedRecordsTests(SharedKafka kafka) : KafkaTriggerTest(kafka)
{
    private const string Missed = "functions.kafka.trigger.missed";

    [KafkaTheory]
    [InlineData("earliest")]
    [InlineData("latest")]
    public async Task What_was_removed_while_nobody_read_is_counted_and_told(string reset)
    {
        using var topic = await CreateTopicAsync(2);
        await topic.WriteAsync(0, 0, 10);
        await topic.WriteAsync(1, 100, 3);
        await topic.CommitAsync(0, 2);
        await topic.CommitAsync(1, 0);
        await topic.DeleteRecordsAsync(0, 6);

        await using var worker = await topic.StartAsync(Function, ("autoOffsetReset", reset));
        using var metering = new Metering(worker.Services.GetRequiredService<IMeterFactory>());

        await Eventually.EqualsAsync("10,3", topic.CommittedTextAsync, Deadline);
        Assert.Equal(Values(6..10, 100..103).Order(), Function.Done.Order());
        Assert.Contains(worker.Logs.All, line => line.Text.Contains($"4 records of {topic.Name} [[0]]", StringComparison.Ordinal)
            && line.Text.Contains("offset 6 instead of 2", StringComparison.Ordinal));
        await Eventually.EqualsAsync(0, () => worker.Kafka.Lag, Deadline);
        Assert.Null(worker.Kafka.PausedReason);
    }

    [KafkaFact]
    public async Task What_is_removed_while_the_function_fails_is_counted_and_the_rest_is_read()
    {
        using var topic = await CreateTopicAsync();
        await topic.WriteAsync(0, 0, 10);
        var fails = true;
        Function.Body = _ => Volatile.Read(ref fails) ? throw new InvalidOperationException("The database is locked.") : Task.CompletedTask;
        await using var worker = await topic.StartAsync(Function, ("maxBatchSize", "2"), ("commitOnFailure", "false"), ("maxRetries", "-1"));
        using var metering = new Metering(worker.Services.GetRequiredService<IMeterFactory>());
        await Eventually.BecomesTrueAsync(() => Function.Calls.Count > 1, Deadline);

        await topic.WriteAsync(0, 10, 2);
        await topic.DeleteRecordsAsync(0, 8);
        Volatile.Write(ref fails, false);

        await Eventually.EqualsAsync("12", topic.CommittedTextAsync, Deadline);
        // The batch in hand was read before; whatever the client had fetched behind it may have been too.
        var done = Function.Done.Distinct().Select(value => int.Parse(value, CultureInfo.InvariantCulture)).ToHashSet();
        Assert.Superset(new HashSet<int>([0, 1, 8, 9, 10, 11]), done);
        Assert.Equal(12 - done.Count, metering.Sum(Missed));
    }

    [KafkaFact]
    public async Task Where_everything_was_removed_unread_the_lag_becomes_0()
    {
        using var topic = await CreateTopicAsync();
        await topic.WriteAsync(0, 0, 10);
        await topic.CommitAsync(0, 2);
        await topic.DeleteRecordsAsync(0, 10);

        await using var worker = await topic.StartAsync(Function);

        await Eventually.EqualsAsync("10", topic.CommittedTextAsync, Deadline);
        await Eventually.EqualsAsync(0, () => worker.Kafka.Lag, Deadline);
        Assert.Equal(1, worker.Logs.Count("8 records of"));
        Assert.Empty(Function.Calls);
    }
}
