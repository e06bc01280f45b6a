using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>
/// The image without an engine: a folder that holds what the Dockerfile's final stage copies and the libraries of its base, and a way to start there
/// what it starts, as its user, in namespaces of its own, on a root that is read-only but for <c>/tmp</c> and the mounted <c>/data</c>. Needs root.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class ImageRoot : IDisposable
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // The inner unshare takes the root and the user and becomes the program: the process keeps its id.
    private const string Script = """
        root=$1 data=$2 directory=$3 user=$4 group=$5; shift 5
        chown "$user:$group" "$data"
        mount --bind "$root" "$root"
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
        mount --bind "$data" "$root/data"
        mount --rbind /proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount -o remount,bind,ro "$root"
        exec unshare --root="$root" --wd="$directory" --setgid="$group" --setuid="$user" "$@"
        """;

    private readonly TempFolder _folder = new();
    private readonly DockerfileStage _image;

    private ImageRoot(DockerfileStage image)
    {
        _image = image;
        Path = Folder("root");
        Data = Folder("data");
    }

    /// <summary>The root's folder.</summary>
    public string Path { get; }

    /// <summary>The folder that is mounted at <c>/data</c>.</summary>
    public string Data { get; }

    /// <summary>The image's user, by number.</summary>
    public string User => _image.Last("USER")!.Arguments.Split(':')[0];

    /// <summary>The image's variables, the base's included.</summary>
    public Dictionary<string, string> Environment
    {
        get
        {
            var environment = BaseImage.Environment.ToDictionary();
            foreach (var (name, value) in _image.All("ENV").SelectMany(i => i.Pairs))
            {
                environment[name] = value;
            }

            return environment;
        }
    }

    /// <summary>Lays the root out.</summary>
    /// <param name="dockerfile">The Dockerfile.</param>
    /// <param name="published">What <c>dotnet publish</c> of its build stage made.</param>
    /// <exception cref="InvalidOperationException">A file needs a library that the base has not.</exception>
    public static async Task<ImageRoot> CreateAsync(Dockerfile dockerfile, string published)
    {
        var root = new ImageRoot(dockerfile.Final);
        try
        {
            foreach (var folder in (string[])["tmp", "proc", "dev"])
            {
                root.Folder("root/" + folder);
            }

            var publish = dockerfile.Stage("build")!.Last("RUN")!.Arguments.Split(' ');
            var output = publish[Array.IndexOf(publish, "-o") + 1];
            foreach (var copy in dockerfile.Final.All("COPY"))
            {
                root.Copy(copy, output, published);
            }

            var needed = await NeededLibraries.OfAsync(published);
            if (needed.FirstOrDefault(library => library.Value is null || !BaseImage.Has(library.Key)).Key is { } missing)
            {
                throw new InvalidOperationException($"A published file needs {missing}, which the base {dockerfile.Final.Base} has not.");
            }

            // What is opened later is beside what is needed at once.
            var system = System.IO.Path.GetDirectoryName(needed["libc.so.6"])!;
            foreach (var path in needed.Values.Union(BaseImage.Opened.Select(name => System.IO.Path.Combine(system, name))))
            {
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(root.Path + path)!, Readable);
                File.Copy(path!, root.Path + path);
            }

            return root;
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    /// <summary>Starts the image's program there.</summary>
    /// <param name="environment">All of its variables.</param>
    public ChildProcess Start(IReadOnlyDictionary<string, string> environment)
    {
        var user = _image.Last("USER")!.Arguments.Split(':');
        var start = new ProcessStartInfo("unshare",
        [
            "--mount", "sh", "-euc", Script, "sh", Path, Data, _image.Last("WORKDIR")!.Arguments, user[0], user[1], .. _image.Last("ENTRYPOINT")!.Command!,
        ]);
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return ChildProcess.Start(start);
    }

    /// <summary>The files of the root: paths, lengths and times.</summary>
    public IReadOnlyList<string> Files() =>
    [
        .. new DirectoryInfo(Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {(file as FileInfo)?.Length} {file.LastWriteTimeUtc:O}")).Order(),
    ];

    public void Dispose() => _folder.Dispose();

    // What another stage made is either the published folder or an empty one for a volume.
    private void Copy(DockerfileInstruction copy, string output, string published)
    {
        if (copy.Flag("from") is null || copy.Words is not [var source, var target] || (source != output && copy.Flag("chown") is null))
        {
            throw new NotSupportedException("The Dockerfile copies what this test cannot: " + copy.Arguments);
        }

        var folder = Folder("root" + target);
        foreach (var file in source == output ? Directory.GetFiles(published) : [])
        {
            File.Copy(file, System.IO.Path.Combine(folder, System.IO.Path.GetFileName(file)));
        }
    }

    private string Folder(string name)
    {
        var path = _folder.Combine(name);
        Directory.CreateDirectory(path, Readable);

        // Whatever the mask of this process took away.
        File.SetUnixFileMode(path, Readable);
        return path;
    }
}
