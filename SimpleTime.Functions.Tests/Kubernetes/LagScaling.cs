namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>
/// The numbers of a Kafka trigger and what KEDA and the autoscaler make of them. KEDA reports the group's lag, at most
/// lagThreshold × partitions unless idle consumers are allowed; the autoscaler aims at lag / lagThreshold replicas and leaves a
/// difference of up to 10 % alone. Immutable.
/// </summary>
/// <param name="LagThreshold">Records a replica.</param>
/// <param name="MaxReplicas">The most replicas.</param>
/// <param name="Partitions">The topic's partitions.</param>
/// <param name="AllowIdleConsumers">Whether more lag than lagThreshold × partitions is reported.</param>
internal sealed record LagScaling(long LagThreshold, int MaxReplicas, int Partitions, bool AllowIdleConsumers)
{
    private const double Tolerance = 0.1;

    /// <summary>What does not fit together: a sentence each, empty when all does.</summary>
    /// <param name="rowsPerSecond">What a replica stores.</param>
    /// <param name="pollingInterval">How often KEDA looks.</param>
    public IEnumerable<string> Violations(double rowsPerSecond, TimeSpan pollingInterval)
    {
        if (MaxReplicas < 1 || MaxReplicas > Partitions)
        {
            yield return $"of {MaxReplicas} replicas only {Partitions} have a partition";
        }

        if (LagThreshold < 1)
        {
            yield return "the lag threshold is not positive";
        }

        for (var replicas = 1; replicas < MaxReplicas; replicas++)
        {
            if (Desired(replicas, long.MaxValue / 2) <= replicas)
            {
                yield return $"no lag leads beyond {replicas} of {MaxReplicas} replicas";
            }
        }

        if (LagThreshold / rowsPerSecond > pollingInterval.TotalSeconds)
        {
            yield return $"a replica does not store {LagThreshold} records before KEDA looks again";
        }
    }

    /// <summary>How many replicas the autoscaler wants.</summary>
    /// <param name="replicas">How many there are; at least 1.</param>
    /// <param name="lag">The group's lag.</param>
    public int Desired(int replicas, long lag)
    {
        var reported = AllowIdleConsumers ? lag : Math.Min(lag, LagThreshold * Partitions);
        var usage = (double)reported / LagThreshold;
        return Math.Abs((usage / replicas) - 1) <= Tolerance ? replicas : (int)Math.Min(MaxReplicas, Math.Ceiling(usage));
    }
}
