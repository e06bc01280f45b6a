using System.Globalization;

namespace SimpleTime.Functions.Worker.Settings;

/// <summary>How many files and sockets the process may have open: the soft limit that the runtime left (RLIMIT_NOFILE, see getrlimit(2)).</summary>
internal static class OpenFileLimit
{
    private const string Path = "/proc/self/limits";
    private const string Row = "Max open files";

    /// <summary>Returns the limit; null where there is none or the system does not tell.</summary>
    public static long? Read() => File.Exists(Path) ? Parse(File.ReadLines(Path)) : null;

    /// <summary>Returns the limit that the lines of <c>/proc/PID/limits</c> name (proc_pid_limits(5)); null for none.</summary>
    public static long? Parse(IEnumerable<string> lines)
    {
        var row = lines.FirstOrDefault(line => line.StartsWith(Row, StringComparison.Ordinal));
        return row?[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..]
            && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : null;
    }
}
