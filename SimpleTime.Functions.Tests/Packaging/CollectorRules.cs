namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>What <c>compose/collector.yaml</c> must be. The collector has no check of its own here.</summary>
internal static class CollectorRules
{
    private static readonly string[] _kinds = ["receivers", "processors", "exporters"];

    /// <summary>What is wrong: a sentence each, empty when nothing is.</summary>
    /// <param name="collector">The collector's configuration.</param>
    /// <param name="endpoint">Where the service sends to.</param>
    public static IEnumerable<string> Problems(object collector, string endpoint)
    {
        var pipelines = collector.At("service", "pipelines").Entries().ToArray();
        foreach (var signal in ((string[])["traces", "metrics", "logs"]).Except(pipelines.Select(pipeline => pipeline.Key)))
        {
            yield return $"Nothing takes {signal}.";
        }

        foreach (var (name, pipeline) in pipelines)
        {
            foreach (var kind in _kinds)
            {
                var parts = pipeline.At(kind).Items();
                if (parts.Count == 0)
                {
                    yield return $"{name}: it has no {kind}.";
                }

                foreach (var part in parts.Where(part => collector.At(kind).Entries().All(declared => declared.Key != (string)part)))
                {
                    yield return $"{name}: {part} is not among the {kind}.";
                }
            }

            // What is behind another processor has taken its memory already.
            if (pipeline.At("processors").Items() is not ["memory_limiter", ..])
            {
                yield return $"{name}: its memory has no limit.";
            }
        }

        if ((string)collector.At("receivers", "otlp", "protocols", "grpc", "endpoint") != $"0.0.0.0:{new Uri(endpoint).Port}")
        {
            yield return $"Nobody listens at {endpoint}.";
        }
    }
}
