namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>The times of a pod's end, and of the load balancer before it. Immutable.</summary>
/// <param name="PreStop">How long SIGTERM is held back.</param>
/// <param name="GracePeriod">When the pod is killed, from the beginning of <paramref name="PreStop"/> on.</param>
/// <param name="HostShutdown">The longest that the host takes after SIGTERM, its own waiting included.</param>
/// <param name="DrainDelay">The host's own waiting.</param>
/// <param name="Deregistration">How long the load balancer lets requests to the pod finish.</param>
/// <param name="Idle">When the load balancer closes a connection without requests.</param>
/// <param name="KeepAlive">When the server does.</param>
internal sealed record DrainChain(
    TimeSpan PreStop, TimeSpan GracePeriod, TimeSpan HostShutdown, TimeSpan DrainDelay, TimeSpan Deregistration, TimeSpan Idle, TimeSpan KeepAlive)
{
    private static readonly TimeSpan _reserve = TimeSpan.FromSeconds(5);

    /// <summary>What does not add up: a sentence each, empty when all does.</summary>
    public IEnumerable<string> Violations()
    {
        if (PreStop <= TimeSpan.Zero)
        {
            yield return "requests still come when SIGTERM does";
        }

        if (DrainDelay > TimeSpan.Zero)
        {
            yield return "both the pod and the host wait for the load balancer";
        }

        if (GracePeriod < PreStop + HostShutdown + _reserve)
        {
            yield return "the pod is killed before the host's shutdown may end";
        }

        if (Deregistration < PreStop + _reserve || Deregistration > GracePeriod)
        {
            yield return "the load balancer forgets the pod before its requests end, or outlives it";
        }

        if (Idle >= KeepAlive)
        {
            yield return "the server closes connections that the load balancer is about to use";
        }
    }
}
