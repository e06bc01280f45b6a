using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SimpleTime.Functions.Tests.Hosting;
using Xunit;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>The times of a pod's end add up, read from where they are set: the manifests and the host.</summary>
public sealed partial class DrainChainTests
{
    private static readonly DrainChain _good = new(Seconds(15), Seconds(60), Seconds(30), Seconds(0), Seconds(30), Seconds(60), Seconds(130));

    // Where there is a load balancer.
    public static TheoryData<string> Combinations => [.. Rendering.Names.Where(name => !name.StartsWith("overlays/local", StringComparison.Ordinal))];

    [KubectlTheory]
    [MemberData(nameof(Combinations))]
    public async Task A_pod_that_takes_requests_ends_in_order_within_its_grace_period(string combination)
    {
        var rendering = await Rendering.OfAsync(combination);
        var annotations = rendering.One("Ingress", "simple-time-http").Map("metadata", "annotations");
        var workload = rendering.Workloads.Single(w => w.Name == "simple-time-http");
        var environment = rendering.Environment(workload);
        using var host = Host(environment);
        var pod = workload.Pod()!;
        var chain = new DrainChain(
            Seconds(pod.Containers.Single().Lifecycle.PreStop.Sleep.Seconds),
            Seconds(pod.TerminationGracePeriodSeconds!.Value),
            host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout,
            new PodSettings(environment).Host.DrainDelay,
            Attribute("target-group-attributes", "deregistration_delay.timeout_seconds"),
            Attribute("load-balancer-attributes", "idle_timeout.timeout_seconds"),
            host.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.KeepAliveTimeout);

        Assert.Empty(chain.Violations());
        Assert.Equal(_good, chain);

        TimeSpan Attribute(string annotation, string name) => Seconds(int.Parse(
            Assert.Single(Attributes().Matches(annotations["alb.ingress.kubernetes.io/" + annotation]), m => m.Groups[1].Value == name).Groups[2].Value,
            CultureInfo.InvariantCulture));
    }

    [KubectlFact]
    public async Task The_persister_has_the_time_that_the_host_may_take()
    {
        var pod = (await Rendering.OfAsync("overlays/sqlite")).One("StatefulSet", "simple-time-persister").Pod()!;
        using var host = Host(new Dictionary<string, string?>());

        Assert.True(Seconds(pod.TerminationGracePeriodSeconds!.Value)
            >= host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout + Seconds(5));
    }

    [Fact]
    public void Times_that_do_not_add_up_are_found()
    {
        Assert.Empty(_good.Violations());
        Assert.Contains("requests still come", Assert.Single((_good with { PreStop = Seconds(0) }).Violations()), StringComparison.Ordinal);
        Assert.Contains("both the pod and the host", Assert.Single((_good with { DrainDelay = Seconds(1) }).Violations()), StringComparison.Ordinal);
        Assert.Contains("is killed", Assert.Single((_good with { GracePeriod = Seconds(49) }).Violations()), StringComparison.Ordinal);
        Assert.Contains("is killed", Assert.Single((_good with { HostShutdown = Seconds(41) }).Violations()), StringComparison.Ordinal);
        Assert.Contains("forgets the pod", Assert.Single((_good with { Deregistration = Seconds(15) }).Violations()), StringComparison.Ordinal);
        Assert.Contains("forgets the pod", Assert.Single((_good with { Deregistration = Seconds(300) }).Violations()), StringComparison.Ordinal);
        Assert.Contains("closes connections", Assert.Single((_good with { Idle = Seconds(130) }).Violations()), StringComparison.Ordinal);
    }

    private static IHost Host(IReadOnlyDictionary<string, string?> environment) => TestWorker.Build(
        [], new Dictionary<string, string?> { ["SHUTDOWN_DRAIN_SECONDS"] = environment.GetValueOrDefault("SHUTDOWN_DRAIN_SECONDS") }).Host;

    private static TimeSpan Seconds(long seconds) => TimeSpan.FromSeconds(seconds);

    [GeneratedRegex("([a-z_.]+)=([^,]+)")]
    private static partial Regex Attributes();
}
