using System.Text.RegularExpressions;
using k8s.Models;
using SimpleTime.Functions.Tests.Packaging;

namespace SimpleTime.Functions.Tests.Infrastructure;

/// <summary>Who speaks to whom in the cluster, and that policies, addresses and Applications agree.</summary>
internal static partial class ConnectionRules
{
    /// <summary>What is wrong: a sentence each, empty when nothing is.</summary>
    public static IEnumerable<string> Violations(ArgoCluster cluster) =>
        [.. Named(cluster), .. Telemetry(cluster), .. Scrapes(cluster), .. Kafka(cluster), .. Elasticsearch(cluster)];

    /// <summary>Each namespace that a policy names is there.</summary>
    private static IEnumerable<string> Named(ArgoCluster cluster) => NamespaceLabel().Matches(cluster.Text).Select(m => m.Groups[1].Value).Distinct()
        .Except(ApplicationRules.Namespaces(cluster))
        .Select(name => $"a policy names {name}, which nothing makes");

    private static IEnumerable<string> Telemetry(ArgoCluster cluster)
    {
        var settings = Settings(cluster);
        var endpoint = new Uri(settings["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var collector = cluster.Applications.SingleOrDefault(a => a.Chart == "opentelemetry-collector" && $"{a.Values.At("fullnameOverride")}.{a.Namespace}.svc" == endpoint.Host);
        if (collector is null)
        {
            yield return $"{endpoint.Host} is no collector";
        }
        else if (!Egress(cluster, "simple-time", collector.Namespace, endpoint.Port) || !Ingress(cluster, collector.Namespace, "simple-time", endpoint.Port))
        {
            yield return "a policy keeps traces from the collector";
        }

        if (settings.GetValueOrDefault("OTEL_LOGS_EXPORTER") != "none" || settings.GetValueOrDefault("OTEL_METRICS_EXPORTER") != "none")
        {
            yield return "the service's logs or metrics arrive twice";
        }
    }

    private static IEnumerable<string> Scrapes(ArgoCluster cluster)
    {
        var prometheus = cluster.Applications.Single(a => a.Chart == "kube-prometheus-stack");
        foreach (var workload in cluster.Manifests.Where(m => m.Namespace == "simple-time" && m.Kind is "Deployment" or "StatefulSet"))
        {
            if (!Ingress(cluster, "simple-time", prometheus.Namespace, 8080, workload.Map("spec", "selector", "matchLabels")))
            {
                yield return $"a policy keeps Prometheus from {workload.Name}";
            }
        }

        foreach (var kind in (string[])["serviceMonitor", "podMonitor", "probe", "scrapeConfig", "rule"])
        {
            if (prometheus.Values.At("prometheus", "prometheusSpec", $"{kind}SelectorNilUsesHelmValues") is not "false")
            {
                yield return $"Prometheus does not take a {kind} of others";
            }
        }
    }

    private static IEnumerable<string> Kafka(ArgoCluster cluster)
    {
        var brokers = Settings(cluster)["KAFKA_BROKERS"].Split(',').Select(broker => broker.Split(':')).ToArray();
        foreach (var kafka in cluster.Manifests.Where(m => m.Kind == "Kafka" && brokers[0][0].EndsWith(".svc", StringComparison.Ordinal)))
        {
            if (brokers is not [[var host, var port]] || host != $"{kafka.Name}-kafka-bootstrap.{kafka.Namespace}.svc" || port != kafka["spec", "kafka", "listeners", "0", "port"])
            {
                yield return "the service's brokers are not the cluster's Kafka";
            }
            else if (!Egress(cluster, "simple-time", kafka.Namespace!, int.Parse(port, null)))
            {
                yield return "a policy keeps the service from Kafka";
            }

            var peers = NamespaceLabel().Matches(kafka.Text).Select(m => m.Groups[1].Value);
            if (!peers.Order().SequenceEqual(["keda", "simple-time"]))
            {
                yield return "Kafka is not for the service and KEDA alone";
            }
        }
    }

    private static IEnumerable<string> Elasticsearch(ArgoCluster cluster)
    {
        var store = cluster.Manifests.Single(m => m.Kind == "Elasticsearch");
        var host = $"{store.Name}-es-http.{store.Namespace}.svc";
        foreach (var collector in cluster.Applications.Where(a => a.Chart == "opentelemetry-collector"))
        {
            var exporter = collector.Values.At("config", "exporters", "elasticsearch");
            if (!exporter.At("endpoints").Items().SequenceEqual([$"https://{host}:9200"]))
            {
                yield return $"{collector.Name} does not write to {host}";
            }

            if (exporter.At("user") is not "collector")
            {
                yield return $"{collector.Name} writes as another user than collector";
            }

            if (collector.Namespace != store.Namespace && !Ingress(cluster, store.Namespace!, collector.Namespace, 9200))
            {
                yield return $"a policy keeps {collector.Name} from Elasticsearch";
            }
        }

        if (store["spec", "version"] != cluster.Manifests.Single(m => m.Kind == "Kibana")["spec", "version"])
        {
            yield return "Kibana is not of Elasticsearch's version";
        }
    }

    private static IReadOnlyDictionary<string, string> Settings(ArgoCluster cluster) =>
        cluster.Manifests.Single(m => m.Kind == "ConfigMap" && m.Name == "simple-time-config").Map("data");

    private static IEnumerable<V1NetworkPolicy> Policies(ArgoCluster cluster, string space) =>
        cluster.Manifests.Where(m => m.Kind == "NetworkPolicy" && m.Namespace == space).Select(m => (V1NetworkPolicy)m.Read());

    /// <summary>Whether pods of a namespace may open connections to another.</summary>
    private static bool Egress(ArgoCluster cluster, string from, string to, int port) => Policies(cluster, from)
        .SelectMany(policy => policy.Spec.Egress ?? []).Any(rule => Allows(rule.To, rule.Ports, to, port));

    /// <summary>Whether pods of a namespace take connections from another.</summary>
    private static bool Ingress(ArgoCluster cluster, string to, string from, int port, IReadOnlyDictionary<string, string>? pods = null) => Policies(cluster, to)
        .Where(policy => policy.Spec.PodSelector.MatchLabels is not { } labels || (pods is not null && labels.All(label => pods.GetValueOrDefault(label.Key) == label.Value)))
        .SelectMany(policy => policy.Spec.Ingress ?? []).Any(rule => Allows(rule.FromProperty, rule.Ports, from, port));

    private static bool Allows(IList<V1NetworkPolicyPeer>? peers, IList<V1NetworkPolicyPort>? ports, string space, int port) =>
        (peers ?? []).Any(peer => peer.NamespaceSelector?.MatchLabels is { } labels && labels.TryGetValue("kubernetes.io/metadata.name", out var name) && name == space)
        && (ports ?? []).Any(one => int.Parse(one.Port.Value, null) <= port && port <= (one.EndPort ?? int.Parse(one.Port.Value, null)));

    [GeneratedRegex(@"kubernetes\.io/metadata\.name: ([a-z-]+)")]
    private static partial Regex NamespaceLabel();
}
