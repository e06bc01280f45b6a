using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Http;

/// <summary>
/// Keeps the function keys: those of <c>FUNCTIONS_KEYS</c>, and of the folder <c>FUNCTIONS_KEYS_PATH</c> one for each file, which are read
/// again every 10 s. Safe for use by several threads.
/// </summary>
internal sealed partial class ConfiguredKeys : IDisposable
{
    public const string FolderSetting = "FUNCTIONS_KEYS_PATH";

    // Each costs a comparison a request.
    private const int MaxFiles = 256;

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);

    private readonly byte[][] _ofSetting;
    private readonly string? _folder;
    private readonly ILogger<ConfiguredKeys> _logger;
    private readonly BackgroundLoop? _loop;
    private volatile byte[][] _hashes;
    private string? _problem;

    public ConfiguredKeys(HostSettings settings, BackgroundLoops loops, ILogger<ConfiguredKeys> logger)
    {
        _ofSetting = [.. settings.FunctionKeys.Select(Hash)];
        _hashes = _ofSetting;
        _folder = settings.FunctionKeysPath;
        _logger = logger;
        if (_folder is not null)
        {
            Read();
            // A file system may hang.
            _loop = loops.RunOnThread("function-keys", _interval, _ =>
            {
                if (Read())
                {
                    Log.Changed(_logger, _hashes.Length);
                }
            });
        }
    }

    /// <summary>Gets the SHA-256 hashes of the keys, which make a comparison's time independent of a key's length too.</summary>
    public IReadOnlyList<byte[]> Hashes => _hashes;

    /// <summary>Returns the hash of a key.</summary>
    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    public void Dispose() => _loop?.Dispose();

    /// <summary>Reads the files again. The last keys stay where the folder cannot be read.</summary>
    /// <returns>Whether the keys are others than before.</returns>
    private bool Read()
    {
        var keys = ReadFiles(out var problem);
        if (problem is not null && problem != _problem)
        {
            Log.Problem(_logger, SafeText.OneLine(problem, 512));
        }

        _problem = problem;
        if (keys is null)
        {
            return false;
        }

        byte[][] hashes = [.. _ofSetting, .. keys.Select(Hash)];
        var isNew = hashes.Length != _hashes.Length || hashes.Zip(_hashes).Any(static pair => !pair.First.AsSpan().SequenceEqual(pair.Second));
        _hashes = hashes;
        return isNew;
    }

    /// <returns>The keys in the order of their files' names; null when the folder cannot be read.</returns>
    private List<string>? ReadFiles(out string? problem)
    {
        problem = null;
        List<string> files;
        try
        {
            // Kubernetes keeps the files of a Secret in folders that begin with two dots, and links to them.
            files = [.. Directory.EnumerateFiles(_folder!).Where(static file => !Path.GetFileName(file.AsSpan()).StartsWith("..", StringComparison.Ordinal))
                .Take(MaxFiles + 1).Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            problem = $"The folder of the setting {FolderSetting}, {_folder}, is not there: it has no keys.";
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"The folder of the setting {FolderSetting}, {_folder}, cannot be read, and its last keys stay: {e.Message}";
            return null;
        }

        if (files.Count > MaxFiles)
        {
            problem = $"The folder of the setting {FolderSetting}, {_folder}, has more than {MaxFiles} files, and the last keys of it stay.";
            return null;
        }

        List<string> keys = [];
        foreach (var file in files)
        {
            var wrong = SettingFile.ReadSecret(FolderSetting, file, out var key);
            if (wrong is null && string.IsNullOrWhiteSpace(key))
            {
                wrong = $"The file of the setting {FolderSetting}, {file}, is blank.";
            }

            if (wrong is null)
            {
                keys.Add(key!.Trim());
            }
            else
            {
                problem ??= $"{wrong} It is no key.";
            }
        }

        return keys;
    }

    private static partial class Log
    {
        [LoggerMessage(15, LogLevel.Warning, "{Problem}")]
        public static partial void Problem(ILogger logger, string problem);

        [LoggerMessage(16, LogLevel.Information, "The folder of the setting " + FolderSetting + " has changed: there are {Count} function keys now.")]
        public static partial void Changed(ILogger logger, int count);
    }
}
