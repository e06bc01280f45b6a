#nullable enable
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Writes the licenses of the packages that a build is made of, each text once.</summary>
public sealed class WriteThirdPartyNotices : Task
{
    /// <summary>Gets or sets the files of packages, with the metadata of NuGet.</summary>
    [Required]
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>Gets or sets texts of licenses, named by their SPDX identifier, and of what has no package, named otherwise.</summary>
    [Required]
    public ITaskItem[] Licenses { get; set; } = [];

    /// <summary>Gets or sets the file to write.</summary>
    [Required]
    public string Notices { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        var licenses = Licenses.ToDictionary(item => item.GetMetadata("Filename"), item => Read(item.ItemSpec));
        var packages = new List<string>();
        var texts = new Dictionary<string, List<string>>();
        foreach (var package in Files.GroupBy(file => file.GetMetadata("NuGetPackageId")).OrderBy(group => group.Key, StringComparer.OrdinalIgnoreCase))
        {
            var name = package.Key + " " + package.First().GetMetadata("NuGetPackageVersion");
            var path = package.First().ItemSpec;
            var folder = path.Substring(0, path.Length - package.First().GetMetadata("PathInPackage").Length);
            var specification = XDocument.Load(Directory.GetFiles(folder, "*.nuspec").Single()).Descendants().ToLookup(element => element.Name.LocalName);
            var expression = specification["license"].FirstOrDefault(element => (string?)element.Attribute("type") == "expression")?.Value;
            var own = Directory.GetFiles(folder)
                .Where(file => Path.GetFileName(file).StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase)
                    || Path.GetFileName(file).IndexOf("NOTICE", StringComparison.OrdinalIgnoreCase) >= 0)
                .OrderBy(file => file, StringComparer.OrdinalIgnoreCase)
                .Select(Read)
                .ToList();
            if (expression is null ? own.Count == 0 : !licenses.ContainsKey(expression))
            {
                Log.LogError("There is no text for the license of {0}: {1}.", name, expression ?? "none is named");
                continue;
            }

            packages.Add($"{name}: {expression ?? "the license below"}. {specification["copyright"].FirstOrDefault()?.Value}".TrimEnd());
            foreach (var text in expression is null ? own : own.Prepend(licenses[expression]))
            {
                if (!texts.TryGetValue(text, out var users))
                {
                    texts.Add(text, users = []);
                }

                users.Add(name);
            }
        }

        if (Log.HasLoggedErrors)
        {
            return false;
        }

        foreach (var license in licenses.Where(license => !texts.ContainsKey(license.Value)))
        {
            texts.Add(license.Value, [license.Key]);
        }

        var notices = new StringBuilder("Simple Time Service is built with these packages:\n\n");
        packages.ForEach(line => notices.Append("- ").Append(line).Append('\n'));
        foreach (var text in texts)
        {
            notices.Append('\n').Append('=', 80).Append('\n');
            text.Value.ForEach(user => notices.Append(user).Append('\n'));
            notices.Append('=', 80).Append("\n\n").Append(text.Key).Append('\n');
        }

        File.WriteAllText(Notices, notices.ToString());
        return true;
    }

    private static string Read(string path) => File.ReadAllText(path).Replace("\r\n", "\n").Trim('\n');
}
