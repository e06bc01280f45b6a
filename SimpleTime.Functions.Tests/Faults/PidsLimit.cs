using System.Globalization;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>A control group that bounds how many threads the processes in it may have. Disposal removes it; they must have ended.</summary>
internal sealed class PidsLimit : IDisposable
{
    /// <summary>More threads than any process here has.</summary>
    public const int None = 10_000;

    private readonly string _folder;

    private PidsLimit(string folder) => _folder = folder;

    /// <summary>How many threads there are.</summary>
    public int Current => int.Parse(File.ReadAllText(Path.Combine(_folder, "pids.current")), CultureInfo.InvariantCulture);

    /// <summary>How many threads were not started for the limit.</summary>
    public int Refused => int.Parse(File.ReadAllText(Path.Combine(_folder, "pids.events")).Split()[1], CultureInfo.InvariantCulture);

    /// <summary>What starts the command line that follows it in the group, as the process that it is itself.</summary>
    public IReadOnlyList<string> Command => ["sh", "-c", "echo $$ > \"$0/cgroup.procs\" && exec \"$@\"", _folder];

    /// <summary>Makes a group; null where the system does not allow it.</summary>
    public static PidsLimit? TryCreate()
    {
        // Version 1 has a hierarchy for it, version 2 one for all.
        var root = Directory.Exists("/sys/fs/cgroup/pids") ? "/sys/fs/cgroup/pids" : "/sys/fs/cgroup";
        var folder = Path.Combine(root, $"simple-time-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        var group = new PidsLimit(folder);
        try
        {
            group.Set(None);
            return group;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            group.Dispose();
            return null;
        }
    }

    /// <summary>Sets the most threads that there may be.</summary>
    public void Set(int threads) => File.WriteAllText(Path.Combine(_folder, "pids.max"), threads.ToString(CultureInfo.InvariantCulture));

    public void Dispose() => Directory.Delete(_folder);
}
