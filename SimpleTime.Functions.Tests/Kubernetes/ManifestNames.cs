namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>The names that <c>kubectl</c> knows once manifests are applied, as <c>NAMESPACE:KIND/NAME</c>. Immutable.</summary>
internal sealed class ManifestNames
{
    /// <param name="manifests">The documents.</param>
    public ManifestNames(string manifests)
    {
        List<string> names = [];
        foreach (var manifest in Manifest.All(manifests))
        {
            var kind = manifest.Kind == "PersistentVolumeClaim" ? "pvc" : manifest.Kind.ToLowerInvariant();
            names.Add(manifest.Namespace is { } space ? $"{space}:{kind}/{manifest.Name}" : $"{kind}/{manifest.Name}");
            names.AddRange(manifest.Map("metadata", "labels").Select(label => $"label {label.Key}={label.Value}"));
            names.AddRange(manifest.Pod()?.Containers.Select(container => $"{manifest.Namespace}:container/{container.Name}") ?? []);
            if (manifest.Kind == "StatefulSet")
            {
                names.Add($"{manifest.Namespace}:pod/{manifest.Name}-0");
                names.AddRange(Enumerable.Range(0, manifest.Count("spec", "volumeClaimTemplates"))
                    .Select(i => $"{manifest.Namespace}:pvc/{manifest["spec", "volumeClaimTemplates", $"{i}", "metadata", "name"]}-{manifest.Name}-0"));
            }
        }

        All = names;
    }

    public IReadOnlyList<string> All { get; }
}
