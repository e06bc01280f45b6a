using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Status;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Status;

/// <summary>What counts as lag.</summary>
public sealed class GroupLagTests
{
    private const long Unset = -1001;

    [Theory]
    [InlineData(10, 10, 20, 10)]
    [InlineData(15, 10, 20, 5)]
    [InlineData(20, 10, 20, 0)]
    [InlineData(Unset, 10, 20, 10)]
    [InlineData(5, 10, 20, 10)]
    [InlineData(21, 10, 20, 10)]
    [InlineData(1_000, 0, 0, 0)]
    public void It_is_the_records_behind_the_commit_or_all_when_the_commit_is_none_of_theirs(long committed, long low, long high, long lag) =>
        Assert.Equal(lag, GroupLag.Of(new Offset(committed), low, high));
}
