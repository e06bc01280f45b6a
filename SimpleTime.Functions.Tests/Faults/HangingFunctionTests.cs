using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

[Trait("Category", "Faults")]
public class HangingFunctionTests : FaultTest
{
    // 10 s of grace, 15 s for the end, and what a busy machine takes to notice.
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _end = TimeSpan.FromSeconds(10 + 15 + 5);

    [Theory]
    [InlineData("there")]
    [InlineData("away")]
    public async Task A_function_that_never_ends_ends_the_process_and_nothing_accepted_is_lost_while_Kafka_is(string state)
    {
        var settings = Settings(
            ("DB_PATH", Database),
            ("AzureFunctionsJobHost__functionTimeout", _timeout.ToString()),
            ("SHUTDOWN_DRAIN_SECONDS", "600"),
            ("AzureFunctionsJobHost__functions__0", "Time"),
            ("AzureFunctionsJobHost__functions__1", "Readyz"),
            ("AzureFunctionsJobHost__functions__2", "KafkaStatus"),
            ("AzureFunctionsJobHost__functions__3", "Hang"));
        await using var service = await ServiceProcess.StartProgramAsync(ServiceWithMore.FileName, settings);
        await service.BecomesUpAsync();
        if (state == "away")
        {
            await Broker.DownAsync();
        }

        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => load.Answered > FaultScale.Rate);
        var hanging = service.Client.GetAsync(new Uri("/Hang", UriKind.Relative));
        var since = Stopwatch.GetTimestamp();

        Assert.Equal(1, await service.WaitForExitAsync(_end));

        Assert.True(Stopwatch.GetElapsedTime(since) >= _timeout + TimeSpan.FromSeconds(10));
        var answered = await load.StopAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => hanging);
        await service.LogsOnceAsync("The function Hang did not end within its functionTimeout of 00:00:01 and is cancelled");
        await service.LogsOnceAsync("The function Hang has not ended 00:00:10 after it was cancelled for its functionTimeout of 00:00:01: the process ends");
        if (state == "away")
        {
            await Broker.UpAsync();
        }

        await using var next = await StartAsync();
        await AllAreStoredAsync(answered, answered + load.CutOff);
    }
}
