using System.Globalization;
using System.Text.RegularExpressions;

namespace SimpleTime.Functions.Tests.Kubernetes;

/// <summary>Reads the commands of a document in their order, as if on a new cluster, and finds names of what no command before has made.</summary>
internal sealed partial class DocumentWalk(Document document, DocumentOverlays overlays)
{
    // What the charts make that the commands name.
    private static readonly Dictionary<string, string[]> _charts = new()
    {
        ["keda"] = ["deployment/keda-operator", "serviceaccount/keda-operator"],
        ["metrics-server"] = [],
        ["kube-prometheus-stack"] = [],
    };

    private readonly HashSet<string> _known = [];
    private readonly List<string> _missing = [];

    /// <summary>How many names were found.</summary>
    public int Names { get; private set; }

    /// <summary>Reads all commands.</summary>
    /// <returns>The names that nothing has made, each with its command; empty when there are none.</returns>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        var section = "";
        foreach (var block in document.Blocks.Where(block => block.Language == "console"))
        {
            if (block.Section != section && block.Section.StartsWith("On ", StringComparison.Ordinal))
            {
                _known.Clear();
                _known.UnionWith(["namespace/kube-system", "namespace/default"]);
            }

            section = block.Section;
            foreach (var command in block.Commands)
            {
                await ReadAsync(command);
            }
        }

        return _missing;
    }

    private async Task ReadAsync(string command)
    {
        var space = Namespace().Match(command) is { Success: true } named ? named.Groups[1].Value : "default";
        if (Chart().Match(command) is { Success: true } chart)
        {
            Add($"namespace/{space}", command.Contains("--create-namespace", StringComparison.Ordinal));
            Add($"release/{chart.Groups[1].Value}");
            foreach (var name in _charts[chart.Groups[2].Value])
            {
                Add($"{space}:{name}");
            }
        }

        var made = Made().Match(command);
        if (made.Success)
        {
            Add(made.Groups[1].Value == "namespace" ? $"namespace/{made.Groups[2].Value}" : $"{space}:secret/{made.Groups[2].Value}");
        }

        Check(command, $"namespace/{space}");
        foreach (var (name, pattern) in (ReadOnlySpan<(string, Regex)>)[("release/", Release()), ("label ", Label())])
        {
            foreach (Match match in pattern.Matches(command))
            {
                Check(command, name + match.Groups[1].Value);
            }
        }

        foreach (var (kind, pattern) in (ReadOnlySpan<(string, Regex)>)[("pod", Pod()), ("container", Container()), ("serviceaccount", Account())])
        {
            foreach (Match match in pattern.Matches(command))
            {
                Check(command, $"{space}:{kind}/{match.Groups[1].Value}");
            }
        }

        foreach (Match match in Object().Matches(made.Success ? "" : command))
        {
            Check(command, $"{space}:{match.Groups[1].Value}/{match.Groups[2].Value}");
        }

        foreach (Match match in Folder().Matches(command))
        {
            await ApplyAsync(command, match.Groups[1].Value);
        }

        foreach (Match match in AppliedFile().Matches(command))
        {
            var file = document.Blocks.SingleOrDefault(block => block.File == match.Groups[1].Value);
            Note(command, match.Groups[1].Value, file is not null);
            if (file is not null)
            {
                Add(new ManifestNames(file.Text));
            }
        }
    }

    private async Task ApplyAsync(string command, string folder)
    {
        Note(command, folder, overlays.Has(folder));
        if (overlays.Has(folder))
        {
            if (command.StartsWith("kubectl apply ", StringComparison.Ordinal))
            {
                Add(await overlays.NamesAsync(folder));
            }
            else
            {
                Check(command, $"applied {folder}");
            }

            Add($"applied {folder}");
        }
    }

    private void Add(ManifestNames names) => _known.UnionWith(names.All);

    private void Add(string name, bool really = true)
    {
        if (really)
        {
            _known.Add(name);
        }
    }

    private void Check(string command, string name) => Note(command, name, _known.Contains(name));

    private void Note(string command, string name, bool isThere)
    {
        Names++;
        if (!isThere)
        {
            _missing.Add(string.Create(CultureInfo.InvariantCulture, $"{name} in: {command}"));
        }
    }

    [GeneratedRegex(@"(?:^kubectl -n|--namespace) (\S+)")]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^helm install (\S+) (\S+)")]
    private static partial Regex Chart();

    [GeneratedRegex(@"^helm uninstall (\S+)")]
    private static partial Regex Release();

    [GeneratedRegex(@"\bcreate (namespace|secret generic) (\S+)")]
    private static partial Regex Made();

    [GeneratedRegex(@" -l (\S+)")]
    private static partial Regex Label();

    [GeneratedRegex(@" (?:exec|debug) ([a-z0-9-]+) ")]
    private static partial Regex Pod();

    [GeneratedRegex(@" --target=(\S+)")]
    private static partial Regex Container();

    [GeneratedRegex(@" --service-account (\S+)")]
    private static partial Regex Account();

    [GeneratedRegex(@"\b(deployment|statefulset|job|service|scaledobject|ingress|pod|pvc|secret)[/ ]([a-z][a-z0-9-]*)")]
    private static partial Regex Object();

    [GeneratedRegex(@" -k (\S+)")]
    private static partial Regex Folder();

    [GeneratedRegex(@" apply -f (\S+)")]
    private static partial Regex AppliedFile();
}
