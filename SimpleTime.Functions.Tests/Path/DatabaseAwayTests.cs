using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

public class DatabaseAwayTests
{
    [Fact]
    public async Task Events_wait_in_Kafka_while_the_folder_of_the_database_is_a_file()
    {
        using var folder = new TempFolder();
        var parent = folder.Combine("data");
        await File.WriteAllTextAsync(parent, "in the way");
        var database = folder.Combine("data/events.db");
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings("embedded", ("DB_PATH", database)));
        await service.BecomesUpAsync();

        await service.GetTimesAsync(20);
        var status = await Eventually.MeetsAsync(
            () => service.GetJsonAsync("/kafka/status"), s => s.GetProperty("paused_reason").GetString() is not null);
        Assert.Contains("DB_PATH", status.GetProperty("paused_reason").GetString(), StringComparison.Ordinal);
        await service.GetTimesAsync(20);
        await service.LogsOnceAsync("is not a folder");

        File.Delete(parent);
        Directory.CreateDirectory(parent);

        await Eventually.BecomesTrueAsync(
            async () => await StoredEvents.AnsweredRequestsAsync(database) == 40, TimeSpan.FromSeconds(40));
        await Eventually.BecomesTrueAsync(
            async () => (await service.GetJsonAsync("/kafka/status")).GetProperty("paused_reason").GetString() is null);
    }
}
