namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>What <c>compose.yaml</c> promises. No engine is asked.</summary>
internal static class ComposeRules
{
    private const string Loopback = "127.0.0.1:";

    /// <summary>What is wrong: a sentence each, empty when nothing is.</summary>
    /// <param name="compose">The document.</param>
    /// <param name="root">The folder that it is in.</param>
    public static IEnumerable<string> Problems(object compose, string root)
    {
        var services = compose.At("services").Entries().ToDictionary();
        var volumes = compose.At("volumes").Entries().Select(volume => volume.Key).ToHashSet();
        return services.SelectMany(service => Service(service.Key, service.Value, services, volumes, root));
    }

    private static IEnumerable<string> Service(
        string name, object service, Dictionary<string, object> services, HashSet<string> volumes, string root)
    {
        if (service.At("image") is not string image || !ImageReference.IsPinned(image))
        {
            yield return $"{name}: the image {service.At("image")} is not pinned.";
        }

        foreach (var port in service.At("ports").Items().Where(port => port is not string text || !text.StartsWith(Loopback, StringComparison.Ordinal)))
        {
            yield return $"{name}: the port {port} is open to other machines.";
        }

        foreach (var volume in service.At("volumes").Items().Select(volume => ((string)volume).Split(':')[0]))
        {
            if (volume.StartsWith('.') ? !Path.Exists(Path.Combine(root, volume)) : !volumes.Contains(volume))
            {
                yield return $"{name}: {volume} is mounted and is not there.";
            }
        }

        foreach (var (dependency, condition) in service.At("depends_on").Entries())
        {
            if (!services.TryGetValue(dependency, out var other))
            {
                yield return $"{name}: there is no {dependency} to depend on.";
            }
            else if (condition.At("condition") is "service_healthy" && other.At("healthcheck", "test").Items().Count == 0)
            {
                yield return $"{name}: {dependency} never tells that it is healthy.";
            }
        }

        if (service.At("healthcheck", "test").Items() is ["CMD", string command, ..] && command.StartsWith("/opt/kafka/", StringComparison.Ordinal)
            && (service.At("healthcheck", "interval") is not "30s" || service.At("healthcheck", "start_period") is ""))
        {
            yield return $"{name}: its health check starts a JVM more often than every 30 s, or counts while it starts.";
        }

        // What is built here is the service itself.
        if (service.At("build").Entries().Any())
        {
            foreach (var (variable, _) in service.At("environment").Entries().Where(variable => !KnownSettings.Contains(variable.Key)))
            {
                yield return $"{name}: {variable} is no setting of the service.";
            }

            if (service.At("read_only") is not "true" || service.At("cap_drop").Items() is not ["ALL"])
            {
                yield return $"{name}: may write to its image, or has capabilities.";
            }
        }
    }
}
