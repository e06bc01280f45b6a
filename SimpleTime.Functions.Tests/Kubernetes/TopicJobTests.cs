using System.Runtime.Versioning;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>
/// How the script that makes the topic logs on, with programs in the place of Kafka's that write down how they are called.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class TopicJobTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private string _description = @"Topic: x\tTopicId: y\tPartitionCount: 12\tReplicationFactor: 3\tConfigs: \n\tTopic: x\tPartition: 0\n";
    private readonly Dictionary<string, string> _settings = new()
    {
        ["KAFKA_BROKERS"] = "kafka:9092",
        ["KAFKA_TOPIC_EVENTS"] = "simple-time-events",
        ["TOPIC_PARTITIONS"] = "12",
        ["TOPIC_REPLICATION_FACTOR"] = "3",
        ["TOPIC_MIN_INSYNC_REPLICAS"] = "2",
        ["TOPIC_RETENTION_MS"] = "604800000",
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_logs_on_with_the_settings_of_the_service_and_tells_no_password()
    {
        var file = _folder.Combine("password");
        await File.WriteAllTextAsync(file, "a \"secret\" with a \\ in it\n");
        _settings["KAFKA_SECURITY_PROTOCOL"] = "sasl_ssl";
        _settings["KAFKA_SSL_CA_LOCATION"] = "/etc/ca.crt";
        _settings["KAFKA_SSL_CERTIFICATE_LOCATION"] = _folder.Combine("user.crt");
        _settings["KAFKA_SSL_KEY_LOCATION"] = _folder.Combine("user.key");
        _settings["KAFKA_SSL_KEY_PASSWORD_FILE"] = file;
        await File.WriteAllTextAsync(_folder.Combine("user.crt"), "certificate\n");
        await File.WriteAllTextAsync(_folder.Combine("user.key"), "secret key\n");
        _settings["KAFKA_SASL_MECHANISM"] = "SCRAM-SHA-512";
        _settings["KAFKA_SASL_USERNAME"] = "simple-time";
        _settings["KAFKA_SASL_PASSWORD_FILE"] = file;

        var (exitCode, calls, properties, output) = await RunAsync();

        Assert.True(exitCode == 0, output);
        Assert.Equal(
            [
                "security.protocol=SASL_SSL",
                "ssl.truststore.type=PEM",
                "ssl.truststore.location=/etc/ca.crt",
                "ssl.keystore.type=PEM",
                $"ssl.keystore.location={_folder.Combine("keystore")}",
                """ssl.key.password=a "secret" with a \\ in it""",
                "sasl.mechanism=SCRAM-SHA-512",
                // Escaped for the login module, and its backslashes once more for the properties file.
                "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"simple-time\" "
                    + """password="a \\"secret\\" with a \\\\ in it";""",
            ],
            properties);
        Assert.Equal("secret key\ncertificate\n", await File.ReadAllTextAsync(_folder.Combine("keystore.copy")));
        Assert.DoesNotContain("secret", output + string.Concat(calls), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PLAIN", "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"p\";")]
    [InlineData("SCRAM-SHA-256", "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" password=\"p\";")]
    [InlineData(
        "OAUTHBEARER", "sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId=\"u\" clientSecret=\"p\" scope=\"s\";")]
    [InlineData("AWS_MSK_IAM", "sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required;")]
    public async Task It_knows_each_mechanism_of_the_service(string mechanism, string property)
    {
        _settings["KAFKA_SECURITY_PROTOCOL"] = "sasl_ssl";
        _settings["KAFKA_SASL_MECHANISM"] = mechanism;
        _settings["KAFKA_SASL_USERNAME"] = "u";
        _settings["KAFKA_SASL_PASSWORD"] = "p";
        _settings["KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"] = "https://idp.example/token";
        _settings["KAFKA_SASL_OAUTHBEARER_SCOPE"] = "s";

        var (exitCode, _, properties, output) = await RunAsync();

        Assert.True(exitCode == 0, output);
        Assert.Contains($"sasl.mechanism={mechanism}", properties);
        Assert.Contains(property, properties);
    }

    [Fact]
    public async Task It_leaves_a_topic_with_more_partitions_as_it_is()
    {
        _description = _description.Replace("PartitionCount: 12", "PartitionCount: 24", StringComparison.Ordinal);

        var (exitCode, calls, _, output) = await RunAsync();

        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain(calls, call => call.Contains("--alter --topic", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_fails_where_the_topic_cannot_be_described()
    {
        _description = "";

        var (exitCode, calls, _, output) = await RunAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("The topic simple-time-events cannot be described.", output, StringComparison.Ordinal);
        Assert.DoesNotContain(calls, call => call.Contains("--alter", StringComparison.Ordinal));
    }

    private async Task<(int ExitCode, string[] Calls, string[] Properties, string Output)> RunAsync()
    {
        foreach (var program in (string[])["kafka-topics.sh", "kafka-configs.sh"])
        {
            var path = _folder.Combine(program);
            await File.WriteAllTextAsync(path, $$"""
                #!/bin/bash
                echo "{{program}} $*" >>'{{_folder.Combine("calls")}}'
                keystore=$(sed -n 's/^ssl.keystore.location=//p' "$4")
                [ -z "$keystore" ] || cp "$keystore" '{{_folder.Combine("keystore.copy")}}'
                sed "s|^ssl.keystore.location=.*|ssl.keystore.location={{_folder.Combine("keystore")}}|" "$4" >'{{_folder.Combine("properties")}}'
                if [[ "$*" == *--describe* ]]; then
                  printf '{{_description}}'
                fi
                """);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var (exitCode, output) = await TopicScript.RunAsync(_folder.Path, _settings);
        return (exitCode, await File.ReadAllLinesAsync(_folder.Combine("calls")), await File.ReadAllLinesAsync(_folder.Combine("properties")), output);
    }
}
