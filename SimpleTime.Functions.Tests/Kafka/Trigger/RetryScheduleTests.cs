using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Trigger;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>When a failed batch is tried again.</summary>
public sealed class RetryScheduleTests
{
    private static readonly FixedDelayRetryAttribute _fixed = new(3, "00:00:10");
    private static readonly ExponentialBackoffRetryAttribute _backoff = new(-1, "00:00:01", "00:01:00");

    [Theory]
    [InlineData("true", "-1", 0)]
    [InlineData("false", "5", 5)]
    [InlineData("false", "0", 0)]
    [InlineData("false", "-1", -1)]
    public void Without_an_attribute_the_host_decides(string commitOnFailure, string maxRetries, int expected) =>
        Assert.Equal(expected, Schedule(null, commitOnFailure, maxRetries).MaxRetries);

    [Theory]
    [InlineData("true", "5", 3)]
    [InlineData("false", "5", 8)]
    [InlineData("false", "-1", -1)]
    [InlineData("false", "2147483647", int.MaxValue)]
    public void The_hosts_retries_follow_the_functions_own(string commitOnFailure, string maxRetries, int expected) =>
        Assert.Equal(expected, Schedule(_fixed, commitOnFailure, maxRetries).MaxRetries);

    [Fact]
    public void A_function_that_is_repeated_until_it_succeeds_is_so_whatever_the_host_says() =>
        Assert.Equal(-1, Schedule(_backoff, "true", "5").MaxRetries);

    [Fact]
    public void Retries_are_counted_from_one()
    {
        var three = Schedule(_fixed, "true", "5");

        Assert.Equal([true, true, true, false], Enumerable.Range(1, 4).Select(three.Allows));
        Assert.True(Schedule(_backoff, "true", "5").Allows(int.MaxValue));
        Assert.False(Schedule(null, "true", "5").Allows(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public void A_fixed_delay_is_always_the_same(int retry)
    {
        var schedule = Schedule(_fixed, "true", "5");

        Assert.Equal(TimeSpan.FromSeconds(10), schedule.Delay(retry, 0));
        Assert.Equal(TimeSpan.FromSeconds(10), schedule.Delay(retry, 0.99));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(6, 32)]
    [InlineData(7, 60)]
    [InlineData(1_000_000, 60)]
    [InlineData(int.MaxValue, 60)]
    public void A_backoff_doubles_up_to_its_longest_and_is_spread(int retry, int seconds)
    {
        var schedule = Schedule(_backoff, "true", "5");

        Assert.Equal(seconds * 0.8, schedule.Delay(retry, 0).TotalSeconds, 3);
        Assert.Equal(seconds, schedule.Delay(retry, 1).TotalSeconds, 3);
    }

    [Fact]
    public void The_hosts_own_retries_back_off_too()
    {
        var schedule = Schedule(null, "false", "-1");

        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)), (schedule.Shortest, schedule.Longest));
    }

    private static RetrySchedule Schedule(RetryAttribute? attribute, string commitOnFailure, string maxRetries)
    {
        using var clients = new TestClients(("commitOnFailure", commitOnFailure), ("maxRetries", maxRetries));
        return RetrySchedule.Of(attribute, clients.Settings);
    }
}
