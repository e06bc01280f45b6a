using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>The folder <c>keda/</c> with the files that <c>docs/kubernetes.md</c> has its readers write. Renders each folder once.</summary>
public sealed class DocumentOverlays : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, Task<(int ExitCode, string Manifests, string Errors)>> _known = [];
    private readonly Dictionary<string, ManifestNames> _names = [];

    public DocumentOverlays()
    {
        foreach (var name in (string[])["keda", "monitoring"])
        {
            var source = Path.Combine(AppContext.BaseDirectory, name);
            foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
            {
                var target = _folder.Combine(Path.Combine(name, Path.GetRelativePath(source, file)));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }

        foreach (var block in Document.OfRepository.Blocks.Where(block => block.File?.StartsWith("keda/", StringComparison.Ordinal) == true))
        {
            Write(block.File!, block.Text);
        }
    }

    /// <summary>Whether there is a kustomization in a folder.</summary>
    public bool Has(string folder) => File.Exists(_folder.Combine(Path.Combine(folder, "kustomization.yaml")));

    /// <summary>Writes a file.</summary>
    public void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.Combine(file))!);
        File.WriteAllText(_folder.Combine(file), text);
    }

    /// <summary>Renders a folder, such as <c>keda/overlays/local</c>.</summary>
    public Task<(int ExitCode, string Manifests, string Errors)> RenderAsync(string folder)
    {
        if (!_known.TryGetValue(folder, out var rendering))
        {
            _known[folder] = rendering = Kubectl.RenderAsync(_folder.Combine(folder));
        }

        return rendering;
    }

    /// <summary>Returns what a folder's manifests are named.</summary>
    internal async Task<ManifestNames> NamesAsync(string folder)
    {
        if (!_names.TryGetValue(folder, out var names))
        {
            _names[folder] = names = new ManifestNames((await RenderAsync(folder)).Manifests);
        }

        return names;
    }

    public void Dispose() => _folder.Dispose();
}
