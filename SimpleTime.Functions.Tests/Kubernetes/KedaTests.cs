using System.Globalization;
using k8s.Models;
using Microsoft.Azure.Functions.Worker;
using Xunit;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>What KEDA is told, against the topic, the service's own settings, and KEDA's arithmetic.</summary>
public sealed class KedaTests
{
    /// <summary>Consume, store, commit at 500 records a batch, as measured on two cores.</summary>
    private const double RowsPerSecond = 53_000;

    private const string Sqlite = "overlays/sqlite";

    private static readonly Dictionary<string, string> _mechanisms = new()
    {
        [""] = "none",
        ["PLAIN"] = "plaintext",
        ["SCRAM-SHA-256"] = "scram_sha256",
        ["SCRAM-SHA-512"] = "scram_sha512",
        ["AWS_MSK_IAM"] = "oauthbearer",
    };

    public static TheoryData<string> Combinations => Rendering.Combinations;

    [KubectlTheory]
    [MemberData(nameof(Combinations))]
    public async Task Threshold_partitions_and_replicas_fit_together(string combination)
    {
        var rendering = await Rendering.OfAsync(combination);
        foreach (var scaled in KafkaScaled(rendering))
        {
            var metadata = scaled.Map("spec", "triggers", "0", "metadata");
            var scaling = new LagScaling(
                long.Parse(metadata["lagThreshold"], CultureInfo.InvariantCulture),
                int.Parse(scaled["spec", "maxReplicaCount"]!, CultureInfo.InvariantCulture),
                int.Parse((await TopicAsync(rendering))["partitions"], CultureInfo.InvariantCulture),
                metadata["allowIdleConsumers"] == "true");

            var interval = TimeSpan.FromSeconds(int.Parse(scaled["spec", "pollingInterval"]!, CultureInfo.InvariantCulture));
            Assert.Empty(scaling.Violations(RowsPerSecond, interval));
            Assert.Equal("0", metadata["activationLagThreshold"]);
            Assert.Equal("0", scaled["spec", "minReplicaCount"]);
            Assert.Equal(("3", "1", "currentReplicasIfHigher"),
                (scaled["spec", "fallback", "failureThreshold"], scaled["spec", "fallback", "replicas"], scaled["spec", "fallback", "behavior"]));
            Assert.Equal("300", scaled["spec", "advanced", "horizontalPodAutoscalerConfig", "behavior", "scaleDown", "stabilizationWindowSeconds"]);
        }
    }

    [KubectlTheory]
    [InlineData("type: kafka", "type: kafak")]
    [InlineData("    type: kafka", "    type: cron\n  - type: kafka")]
    public async Task A_trigger_that_KEDA_would_not_take_for_the_lag_is_found(string part, string mistake)
    {
        var rendering = (await Rendering.OfAsync(Sqlite)).With(part, mistake);

        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => KafkaScaled(rendering));
    }

    [Theory]
    [InlineData(50_000, 12, 12, false, "no lag leads beyond 11 of 12 replicas")]
    [InlineData(50_000, 13, 12, true, "of 13 replicas only 12 have a partition")]
    [InlineData(0, 1, 12, false, "the lag threshold is not positive")]
    [InlineData(5_000_000, 1, 12, false, "does not store 5000000 records")]
    public void Numbers_that_do_not_fit_are_found(long threshold, int maxReplicas, int partitions, bool allowIdle, string violation)
    {
        var scaling = new LagScaling(threshold, maxReplicas, partitions, allowIdle);

        Assert.Contains(scaling.Violations(RowsPerSecond, TimeSpan.FromSeconds(15)), found => found.Contains(violation, StringComparison.Ordinal));
    }

    [Fact]
    public void With_idle_consumers_allowed_the_last_replica_is_reached()
    {
        Assert.Empty(new LagScaling(50_000, 12, 12, true).Violations(RowsPerSecond, TimeSpan.FromSeconds(15)));
        Assert.Equal(3, new LagScaling(50_000, 12, 12, true).Desired(1, 120_000));
    }

    [KubectlTheory]
    [MemberData(nameof(Combinations))]
    public async Task KEDA_watches_the_group_and_topic_that_the_persister_reads_and_from_where(string combination)
    {
        var rendering = await Rendering.OfAsync(combination);
        foreach (var scaled in KafkaScaled(rendering))
        {
            var workload = rendering.One(scaled["spec", "scaleTargetRef", "kind"]!, scaled["spec", "scaleTargetRef", "name"]!);
            var environment = rendering.Environment(workload);
            var service = new PodSettings(environment);
            var trigger = Assert.Single(service.Host.AllowedFunctions.Select(name => PodSettings.Functions[name]).OfType<KafkaTriggerAttribute>());
            var metadata = scaled.Map("spec", "triggers", "0", "metadata");

            Assert.Equal(service.Resolve(trigger.ConsumerGroup!), Value("consumerGroup"));
            Assert.Equal(service.Resolve(trigger.Topic), Value("topic"));
            Assert.Equal(service.Resolve(trigger.Topic), (await TopicAsync(rendering))["name"]);
            Assert.Equal(service.SettingOrText(trigger.BrokerList), Value("bootstrapServers"));
            Assert.Equal(service.Kafka.AutoOffsetReset.ToString(), metadata["offsetResetPolicy"], ignoreCase: true);

            string? Value(string name) => metadata.GetValueOrDefault(name) ?? environment[metadata[name + "FromEnv"]];
        }
    }

    [KubectlTheory]
    [MemberData(nameof(Combinations))]
    public async Task KEDA_authenticates_as_the_service_does(string combination)
    {
        var rendering = await Rendering.OfAsync(combination);
        foreach (var scaled in KafkaScaled(rendering))
        {
            var workload = rendering.One("StatefulSet", scaled["spec", "scaleTargetRef", "name"]!);
            var settings = rendering.Environment(workload);
            var authentication = rendering.One("TriggerAuthentication", scaled["spec", "triggers", "0", "authenticationRef", "name"]!);
            var secrets = Enumerable.Range(0, authentication.Count("spec", "secretTargetRef")).ToDictionary(
                i => authentication["spec", "secretTargetRef", $"{i}", "parameter"]!,
                i => (authentication["spec", "secretTargetRef", $"{i}", "name"], authentication["spec", "secretTargetRef", $"{i}", "key"]));
            var metadata = scaled.Map("spec", "triggers", "0", "metadata");
            var mechanism = settings.GetValueOrDefault("KAFKA_SASL_MECHANISM") ?? "";

            Assert.Equal(settings["KAFKA_SECURITY_PROTOCOL"]!.EndsWith("ssl", StringComparison.Ordinal) ? "enable" : "disable", metadata["tls"]);
            Assert.Equal(settings["KAFKA_SECURITY_PROTOCOL"]!.StartsWith("sasl", StringComparison.Ordinal), mechanism.Length > 0);
            Assert.Equal(_mechanisms[mechanism], metadata["sasl"]);
            Assert.Equal(Mounted(workload, settings.GetValueOrDefault("KAFKA_SSL_CA_LOCATION")), secrets.GetValueOrDefault("ca"));
            Assert.Equal(Mounted(workload, settings.GetValueOrDefault("KAFKA_SSL_CERTIFICATE_LOCATION")), secrets.GetValueOrDefault("cert"));
            Assert.Equal(Mounted(workload, settings.GetValueOrDefault("KAFKA_SSL_KEY_LOCATION")), secrets.GetValueOrDefault("key"));
            Assert.Equal(Mounted(workload, settings.GetValueOrDefault("KAFKA_SASL_PASSWORD_FILE")), secrets.GetValueOrDefault("password"));
            var user = workload.Pod()!.Containers.Single().Env.SingleOrDefault(v => v.Name == "KAFKA_SASL_USERNAME")?.ValueFrom.SecretKeyRef;
            Assert.Equal((user?.Name, user?.Key), secrets.GetValueOrDefault("username"));

            var iam = mechanism == "AWS_MSK_IAM";
            // KEDA's own role.
            Assert.Equal((iam ? "aws" : "none", null),
                (authentication["spec", "podIdentity", "provider"], authentication["spec", "podIdentity", "identityOwner"]));
            Assert.Equal(iam ? "aws_msk_iam" : null, metadata.GetValueOrDefault("saslTokenProvider"));
            Assert.Equal(settings.GetValueOrDefault("AWS_REGION"), metadata.GetValueOrDefault("awsRegion"));
            Assert.Equal(iam, rendering.Text.Contains("169.254.170.23/32", StringComparison.Ordinal));
        }
    }

    [KubectlTheory]
    [MemberData(nameof(Combinations))]
    public async Task The_image_that_signs_for_MSK_runs_where_that_is_asked_for_and_nowhere_else(string combination)
    {
        var rendering = await Rendering.OfAsync(combination);

        Assert.All(rendering.Workloads, workload => Assert.Equal(
            rendering.Environment(workload).GetValueOrDefault("KAFKA_SASL_MECHANISM") == "AWS_MSK_IAM" ? "simple-time-functions-msk-iam:1.0.0" : "simple-time-functions:1.0.0",
            workload.Pod()!.Containers.Single().Image));
    }

    [KubectlTheory]
    [MemberData(nameof(Combinations))]
    public async Task HTTP_never_falls_below_two_replicas_and_scales_on_a_processor_that_it_asks_for(string combination)
    {
        var rendering = await Rendering.OfAsync(combination);
        var scaled = rendering.One("ScaledObject", "simple-time-http");
        var workload = rendering.One(scaled["spec", "scaleTargetRef", "kind"]!, scaled["spec", "scaleTargetRef", "name"]!);

        Assert.Equal("2", scaled["spec", "minReplicaCount"]);
        Assert.Equal(("cpu", "Utilization"), (scaled["spec", "triggers", "0", "type"], scaled["spec", "triggers", "0", "metricType"]));
        Assert.True(workload.Pod()!.Containers.Single().Resources.Requests.ContainsKey("cpu"));
        // KEDA refuses a fallback where there is a processor alone.
        Assert.Null(scaled["spec", "fallback", "replicas"]);
    }

    [KubectlFact]
    public async Task Only_one_replica_writes_to_a_SQLite_file()
    {
        var rendering = await Rendering.OfAsync(Sqlite);

        Assert.Equal("1", rendering.One("ScaledObject", "simple-time-persister")["spec", "maxReplicaCount"]);
        var pod = rendering.One("StatefulSet", "simple-time-persister").Pod()!;
        var database = pod.Containers.Single().Env.Single(v => v.Name == "DB_PATH").Value;
        Assert.Contains(pod.Containers.Single().VolumeMounts, m => m.Name == "data" && database.StartsWith(m.MountPath + "/", StringComparison.Ordinal));
    }

    [KubectlFact]
    public async Task The_job_and_Strimzi_make_the_same_topic()
    {
        var topic = await TopicAsync(await Rendering.OfAsync(Sqlite));

        Assert.Equal(topic, await TopicAsync(await Rendering.OfAsync($"{Sqlite} strimzi-topic")));
        Assert.Equal(("12", "3", "2"), (topic["partitions"], topic["replicas"], topic["min.insync.replicas"]));
    }

    [KubectlFact]
    public async Task One_broker_holds_one_replica_where_there_is_but_one()
    {
        var topic = await TopicAsync(await Rendering.OfAsync("overlays/local"));

        Assert.Equal(("12", "1", "1"), (topic["partitions"], topic["replicas"], topic["min.insync.replicas"]));
    }

    // One in each overlay: a test of none would pass.
    private static Manifest[] KafkaScaled(Rendering rendering)
    {
        var scaled = rendering.Manifests.Where(m => m.Kind == "ScaledObject" && m["spec", "triggers", "0", "type"] == "kafka").ToArray();
        Assert.Equal(rendering.Workloads.Any(workload => workload.Name == "simple-time-persister") ? 1 : 0, scaled.Length);
        return scaled;
    }

    private static async Task<Dictionary<string, string>> TopicAsync(Rendering rendering)
    {
        if (rendering.Manifests.All(m => m.Kind != "Job"))
        {
            var topic = (await Rendering.OfAsync("platform/strimzi")).One("KafkaTopic", "simple-time-events");
            return new(topic.Map("spec", "config"))
            {
                ["name"] = topic["spec", "topicName"]!,
                ["partitions"] = topic["spec", "partitions"]!,
                ["replicas"] = topic["spec", "replicas"]!,
            };
        }

        var settings = rendering.Environment(rendering.One("Job", "simple-time-topic"));
        return new()
        {
            ["name"] = settings["KAFKA_TOPIC_EVENTS"]!,
            ["partitions"] = settings["TOPIC_PARTITIONS"]!,
            ["replicas"] = settings["TOPIC_REPLICATION_FACTOR"]!,
            ["min.insync.replicas"] = settings["TOPIC_MIN_INSYNC_REPLICAS"]!,
            ["retention.ms"] = settings["TOPIC_RETENTION_MS"]!,
        };
    }

    // The secret and key behind a file of a pod.
    private static (string? Secret, string? Key) Mounted(Manifest workload, string? file)
    {
        if (file is null)
        {
            return default;
        }

        var pod = workload.Pod()!;
        var mount = Assert.Single(pod.Containers.Single().VolumeMounts, m => m.MountPath == Path.GetDirectoryName(file));
        V1SecretVolumeSource secret = pod.Volumes.Single(v => v.Name == mount.Name).Secret;
        return (secret.SecretName, secret.Items.Single(item => item.Path == Path.GetFileName(file)).Key);
    }
}
