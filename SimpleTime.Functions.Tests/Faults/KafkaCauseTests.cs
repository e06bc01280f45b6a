using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.Support.Kafka;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>Settings that do not go with those of a real broker, with TLS and a login: the cause is told, in one line and by <c>/kafka/status</c>.</summary>
[Trait("Category", "Faults")]
public class KafkaCauseTests : KafkaFaultTest
{
    private const string User = "service";

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(40);

    private protected override KafkaClusterOptions Options => new() { HasTls = true, Users = new Dictionary<string, string> { [User] = "password" } };

    [KafkaFact]
    public async Task The_cause_is_told()
    {
        using var other = new TestAuthority();
        await File.WriteAllTextAsync(Database + ".pem", other.Pem);
        var right = Cluster.SecuritySettings(User);
        var ca = right.Single(setting => setting.Name == "KAFKA_SSL_CA_LOCATION").Value;
        (string Name, string? Value) secure = ("KAFKA_BROKERS", Cluster.SecureBootstrapServers);
        await Task.WhenAll(
            ToldAsync("login", "it wants a login (SASL), and KAFKA_SECURITY_PROTOCOL has none", secure, ("KAFKA_SECURITY_PROTOCOL", "ssl"), ("KAFKA_SSL_CA_LOCATION", ca)),
            ToldAsync("plaintext", "it speaks TLS, and KAFKA_SECURITY_PROTOCOL has none", secure),
            ToldAsync("TLS", "it ends the TLS handshake, as a port without TLS does", [.. right, ("KAFKA_BROKERS", Cluster.BootstrapServers)]),
            ToldAsync("authority", "which KAFKA_SSL_CA_LOCATION does not have", [.. right, ("KAFKA_SSL_CA_LOCATION", Database + ".pem")]));
    }

    private async Task ToldAsync(string name, string cause, params (string Name, string? Value)[] settings)
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            "", [("EVENT_SPOOL_PATH", Spool + "-" + name), ("DB_PATH", $"{Database}-{name}"), .. settings]));

        await Eventually.MeetsAsync(
            async () => (await service.GetJsonAsync("/kafka/status")).GetProperty("reason").GetString() ?? "",
            reason => reason.Contains(cause, StringComparison.Ordinal),
            _deadline);
        await service.LogsOnceAsync(cause);
    }
}
