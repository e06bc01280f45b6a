using System.Collections.Concurrent;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Spool;

/// <summary>Many appenders and a replayer at once.</summary>
public sealed class SpoolStressTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_is_lost_or_doubled_while_records_are_appended_replayed_and_returned()
    {
        const int appenders = 4;
        const int each = 5000;
        await using var test = new SpoolUnderTest(
            SpoolUnderTest.Options(_folder.Combine("spool")) with { MaxBytes = 64 * 1024 * 1024, SegmentBytes = 16 * 1024 });
        var appending = Task.WhenAll(Enumerable.Range(0, appenders).Select(appender => Task.Run(() =>
        {
            foreach (var name in SpoolUnderTest.Names(each, $"{appender}"))
            {
                Assert.True(test.TryAppend(name));
            }
        })));

        var completed = new ConcurrentDictionary<string, int>();
        var completing = new List<Task>();
        var peeks = 0;
        await Eventually.BecomesTrueAsync(
            () =>
            {
                while (test.Peek(100) is { Count: > 0 } records)
                {
                    var isReturned = ++peeks % 5 == 0;
                    completing.Add(Task.Run(() =>
                    {
                        foreach (var record in records)
                        {
                            if (isReturned)
                            {
                                test.Spool.Return(record);
                            }
                            else
                            {
                                completed.AddOrUpdate(SpoolUnderTest.Text(record), 1, (_, count) => count + 1);
                                test.Spool.Complete(record);
                            }
                        }
                    }));
                }

                return appending.IsCompleted && completing.TrueForAll(task => task.IsCompleted) && test.Spool.IsEmpty;
            },
            TimeSpan.FromSeconds(60));

        await appending;
        await Task.WhenAll(completing);
        Assert.Equal(appenders * each, completed.Count);
        Assert.All(completed, pair => Assert.Equal(1, pair.Value));
        Assert.Empty(SpoolUnderTest.Segments(_folder.Path));
        Assert.False(test.Log.Any);
        Assert.Equal(0, test.Spool.Records);
    }
}
