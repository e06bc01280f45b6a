using System.Text.RegularExpressions;
using k8s.Models;

namespace SimpleTime.Functions.Tests.Infrastructure;

/// <summary>What the account tells the service's manifests: images, addresses, the certificate.</summary>
internal static partial class ServiceRules
{
    private const string Alb = "alb.ingress.kubernetes.io/";

    /// <summary>What is wrong: a sentence each, empty when nothing is.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="certificate">The load balancer's; empty for none.</param>
    public static IEnumerable<string> Violations(ArgoCluster cluster, string certificate)
    {
        foreach (var image in cluster.Manifests.Select(m => m.Pod()).OfType<V1PodSpec>().SelectMany(pod => pod.Containers).Select(c => c.Image))
        {
            if (!Pinned().IsMatch(image))
            {
                yield return $"{image} is not pinned";
            }

            if (image.Contains("simple-time", StringComparison.Ordinal) && !image.StartsWith($"{ArgoCluster.Registry}/", StringComparison.Ordinal))
            {
                yield return $"{image} is not in the account's registry";
            }
        }

        var addresses = cluster.Manifests.Where(m => m.Kind == "NetworkPolicy" && m.Namespace == "simple-time")
            .SelectMany(m => Cidr().Matches(m.Text)).Select(m => m.Groups[1].Value).ToArray();
        if (addresses.Count(cidr => cidr == ArgoCluster.VpcCidr) != 2 || addresses.Contains("10.0.0.0/16"))
        {
            yield return "policies do not name the VPC's addresses";
        }

        var ingress = (V1Ingress)cluster.Manifests.Single(m => m.Kind == "Ingress").Read();
        string? Annotation(string name) => ingress.Metadata.Annotations.TryGetValue(Alb + name, out var value) ? value : null;
        if (certificate.Length > 0)
        {
            if (Annotation("certificate-arn") != certificate || Annotation("ssl-redirect") != "443" || Annotation("inbound-cidrs") is not null)
            {
                yield return "the load balancer does not serve everybody by HTTPS";
            }
        }
        else if (Annotation("inbound-cidrs") != ArgoCluster.HttpCidrs || Annotation("listen-ports") != """[{"HTTP": 80}]"""
            || Annotation("certificate-arn") is not null || Annotation("ssl-redirect") is not null)
        {
            yield return "without a certificate the load balancer is open to others than those who reach the API server";
        }
    }

    [GeneratedRegex(@"[^/]:[0-9][^:]*$|@sha256:[0-9a-f]{64}$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"cidr: (\S+)")]
    private static partial Regex Cidr();
}
