using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A password that an operator changes at a real broker, and in the service's file some time later.</summary>
[Trait("Category", "Faults")]
public class KafkaPasswordTests : KafkaFaultTest
{
    private const string User = "service";
    private const string Second = "another-password";

    // A login is good for this long, as brokers are set that should forget an old password.
    private protected override KafkaClusterOptions Options => new()
    {
        Users = new Dictionary<string, string> { [User] = "password" },
        Properties = new Dictionary<string, string> { ["connections.max.reauth.ms"] = "4000" },
    };

    [KafkaFact]
    public async Task All_arrives_when_the_password_changes_without_a_restart()
    {
        var file = Database + ".password";
        await File.WriteAllTextAsync(file, "password");
        await using var service = await StartAsync(
            [.. Cluster.SecuritySettings(User).Where(setting => setting.Name != "KAFKA_SASL_PASSWORD"), ("KAFKA_SASL_PASSWORD_FILE", file)]);
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => load.Answered > 100);

        await Cluster.Admin.AddUsersAsync(new Dictionary<string, string> { [User] = Second });
        await service.BecomesNotUpAsync();
        await LastsAsync(load, TimeSpan.FromSeconds(5));
        await File.WriteAllTextAsync(file, Second);
        var since = Stopwatch.GetTimestamp();
        await service.BecomesUpAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(15));

        var answered = await load.StopAsync();
        Assert.Equal(0, load.Refused);
        await AllAreStoredAsync(answered);
        await AllIsSentAsync(service);
        await service.LogsOnceAsync("there is a new password");
        await service.LogsOnceAsync("Kafka is NOT UP");
        Assert.DoesNotContain(service.Output, line => line.Contains(Second, StringComparison.Ordinal));
    }
}
