using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>What the pods are told, against what the service knows.</summary>
public sealed partial class WorkloadTests
{
    // Read by ASP.NET Core, not by this repository's code.
    private static readonly string[] _others = ["ASPNETCORE_URLS"];

    private static readonly byte[][] _assemblies =
    [
        .. ((string[])["SimpleTime.Functions.dll", "SimpleTime.Functions.Worker.dll"])
            .Select(file => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, file))),
    ];

    public static TheoryData<string> Combinations => Rendering.Combinations;

    [KubectlTheory]
    [MemberData(nameof(Combinations))]
    public async Task Each_workload_runs_its_functions_and_no_others(string combination)
    {
        var rendering = await Rendering.OfAsync(combination);
        foreach (var workload in rendering.Workloads)
        {
            var allowed = new PodSettings(rendering.Environment(workload)).Host.AllowedFunctions;

            Assert.All(allowed, name => Assert.Contains(name, PodSettings.Functions.Keys));
            Assert.Equal(
                workload.Name == "simple-time-http"
                    ? ["Time", "Healthz", "Readyz", "Metrics", "KafkaStatus", "KafkaPublish", "KafkaFlush"]
                    : ["PersistEvents", "Healthz", "Readyz", "Metrics", "KafkaStatus"],
                allowed);
        }
    }

    [KubectlTheory]
    [MemberData(nameof(Combinations))]
    public async Task Whatever_asks_a_pod_asks_an_allow_listed_function_on_the_port_that_it_listens_on(string combination)
    {
        var rendering = await Rendering.OfAsync(combination);
        foreach (var workload in rendering.Workloads)
        {
            var settings = rendering.Environment(workload);
            var container = workload.Pod()!.Containers.Single();
            var port = Assert.Single(container.Ports);
            Assert.Equal(port.ContainerPort.ToString(CultureInfo.InvariantCulture), settings["ASPNETCORE_URLS"]!.Split(':')[^1]);

            List<string> asked = ["/metrics"];
            foreach (var probe in (k8s.Models.V1Probe[])[container.StartupProbe, container.ReadinessProbe, container.LivenessProbe])
            {
                Assert.Equal(port.Name, probe.HttpGet.Port.Value);
                asked.Add(probe.HttpGet.Path);
            }

            if (workload.Name == "simple-time-http")
            {
                foreach (var ingress in rendering.Manifests.Where(m => m.Kind == "Ingress"))
                {
                    asked.Add(ingress.Map("metadata", "annotations")["alb.ingress.kubernetes.io/healthcheck-path"]);
                    asked.AddRange(Enumerable.Range(0, ingress.Count("spec", "rules", "0", "http", "paths"))
                        .Select(i => ingress["spec", "rules", "0", "http", "paths", $"{i}", "path"]!));
                }
            }

            var service = new PodSettings(settings);
            Assert.All(asked, path => Assert.True(service.Answers(path), $"{workload.Name} does not answer {path}"));
            Assert.Equal(port.Name, rendering.One("Service", workload.Name)["spec", "ports", "0", "targetPort"]);
        }

        foreach (var monitor in rendering.Manifests.Where(m => m.Kind == "ServiceMonitor"))
        {
            Assert.Equal(("/metrics", "http"), (monitor["spec", "endpoints", "0", "path"], monitor["spec", "endpoints", "0", "port"]));
            Assert.All(rendering.Manifests.Where(m => m.Kind == "Service" && m.IsOfTheService), s => Assert.Equal("http", s["spec", "ports", "0", "name"]));
        }
    }

    [KubectlFact]
    public async Task A_probe_of_a_function_that_a_workload_does_not_run_is_found()
    {
        var rendering = (await Rendering.OfAsync("overlays/sqlite")).With("value: Readyz", "value: KafkaStatus");

        Assert.All(rendering.Workloads, workload => Assert.False(new PodSettings(rendering.Environment(workload)).Answers("/readyz")));
    }

    [KubectlTheory]
    [MemberData(nameof(Combinations))]
    public async Task Each_setting_is_one_that_the_service_reads(string combination)
    {
        var rendering = await Rendering.OfAsync(combination);
        foreach (var name in rendering.Workloads.SelectMany(w => rendering.Environment(w).Keys).Distinct().Except(_others))
        {
            Assert.True(AllowList().IsMatch(name) || IsRead(name), $"{name} is no setting of the service");
        }
    }

    [Fact]
    public void A_misspelled_setting_is_found()
    {
        Assert.False(IsRead("KAFKA_BROKER_LIST"));
        Assert.True(IsRead("KAFKA_BROKERS"));
        Assert.DoesNotMatch(AllowList(), "AzureFunctionsJobHost_functions__0");
    }

    [KubectlTheory]
    [InlineData("overlays/sqlite")]
    [InlineData("overlays/sqlite spool-volume")]
    public async Task The_spool_lies_on_a_volume_that_holds_all_of_it(string combination)
    {
        var rendering = await Rendering.OfAsync(combination);
        var workload = rendering.Workloads.Single(w => w.Name == "simple-time-http");
        var settings = rendering.Environment(workload);
        var pod = workload.Pod()!;
        var mount = Assert.Single(pod.Containers.Single().VolumeMounts, m => m.MountPath == settings["EVENT_SPOOL_PATH"]);
        var size = workload.Kind == "StatefulSet"
            ? workload["spec", "volumeClaimTemplates", "0", "spec", "resources", "requests", "storage"]
            : pod.Volumes.Single(v => v.Name == mount.Name).EmptyDir.SizeLimit.ToString();

        // Besides the events, 16 MiB of those that Kafka refused, and a segment that is being written.
        Assert.True(Bytes(size!) > long.Parse(settings["EVENT_SPOOL_MAX_BYTES"]!, CultureInfo.InvariantCulture) + (32L << 20));
    }

    [KubectlFact]
    public async Task Keys_come_from_a_secret_that_only_the_HTTP_workload_sees_and_that_may_be_missing()
    {
        var rendering = await Rendering.OfAsync("overlays/sqlite");
        var withKeys = Assert.Single(rendering.Workloads, w => w.Pod()!.Volumes.Any(v => v.Secret?.SecretName == "simple-time-keys"));

        Assert.Equal("simple-time-http", withKeys.Name);
        var volume = withKeys.Pod()!.Volumes.Single(v => v.Secret?.SecretName == "simple-time-keys");
        Assert.True(volume.Secret.Optional);
        Assert.Null(volume.Secret.Items);
        Assert.Equal(rendering.Environment(withKeys)["FUNCTIONS_KEYS_PATH"],
            withKeys.Pod()!.Containers.Single().VolumeMounts.Single(mount => mount.Name == volume.Name).MountPath);
    }

    private static long Bytes(string quantity) => new k8s.Models.ResourceQuantity(quantity).ToInt64();

    // What the code reads stands in its assemblies: a length, the name as UTF-16, and a zero.
    private static bool IsRead(string name)
    {
        byte[] stored = [(byte)((name.Length * 2) + 1), .. Encoding.Unicode.GetBytes(name), 0];
        return _assemblies.Any(assembly => assembly.AsSpan().IndexOf(stored) >= 0);
    }

    [GeneratedRegex(@"^AzureFunctionsJobHost__functions__\d+$")]
    private static partial Regex AllowList();
}
