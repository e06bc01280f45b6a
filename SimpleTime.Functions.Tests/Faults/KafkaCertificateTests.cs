using Confluent.Kafka.Admin;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A real broker that knows its clients by their certificates, as Strimzi's users are known, and a certificate that is renewed.</summary>
[Trait("Category", "Faults")]
public class KafkaCertificateTests : KafkaFaultTest
{
    private protected override KafkaClusterOptions Options => new() { HasTls = true, HasAuthorizer = true, WantsClientCertificate = true };

    [KafkaFact]
    public async Task All_arrives_when_the_certificate_is_renewed_without_a_restart()
    {
        foreach (var user in (string[])["CN=first", "CN=second"])
        {
            await Cluster.Admin.AllowAsync(user, ResourceType.Topic, Topic);
            await Cluster.Admin.AllowAsync(user, ResourceType.Group, Topic);
        }

        await Cluster.WriteClientCertificateAsync("first", Database + ".crt", Database + ".key");
        await using var service = await StartAsync([
            .. Cluster.SecuritySettings(), ("KAFKA_SSL_CERTIFICATE_LOCATION", Database + ".crt"), ("KAFKA_SSL_KEY_LOCATION", Database + ".key")]);
        await service.BecomesUpAsync();
        await using var load = Load.Start(service, FaultScale.Rate);
        await Eventually.BecomesTrueAsync(() => load.Answered > 100);

        await Cluster.WriteClientCertificateAsync("second", Database + ".crt", Database + ".key");
        await Eventually.BecomesTrueAsync(
            () => service.Output.Any(line => line.Contains("there is a new certificate", StringComparison.Ordinal)), TimeSpan.FromSeconds(15));

        // Connections of the first one are refused from now on, those that are there too.
        await Cluster.Admin.ForbidAsync("CN=first", ResourceType.Topic, Topic);
        await Cluster.Admin.ForbidAsync("CN=first", ResourceType.Group, Topic);
        await LastsAsync(load, TimeSpan.FromSeconds(3));

        var answered = await load.StopAsync();
        Assert.Equal(0, load.Refused);
        await AllAreStoredAsync(answered);
        await AllIsSentAsync(service);
        await service.BecomesUpAsync();
    }
}
