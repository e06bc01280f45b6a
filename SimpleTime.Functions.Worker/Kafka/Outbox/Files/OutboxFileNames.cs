using System.Globalization;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>Names the files and folders of one process. Not safe for use by several threads.</summary>
/// <param name="time">The clock.</param>
internal sealed class OutboxFileNames(TimeProvider time)
{
    /// <summary>The name of the folder of refused messages.</summary>
    public const string RefusedFolder = "refused";

    /// <summary>What is appended to the name of a damaged file.</summary>
    public const string DamagedExtension = ".damaged";

    private const string BacklogExtension = ".backlog";
    private const string JournalExtension = ".journal";
    private const string RefusedExtension = ".refused";

    private readonly string _process = Guid.NewGuid().ToString("N");
    private long _last;

    /// <summary>Gets whether a path is of a file that is sent when its process is dead.</summary>
    public static bool IsLeft(string path) => Path.GetExtension(path) is BacklogExtension or JournalExtension;

    /// <summary>Gets whether a path is of a file of refused messages.</summary>
    public static bool IsRefused(string path) => Path.GetExtension(path) is RefusedExtension;

    /// <summary>Returns a name for a folder of the process.</summary>
    public string NextFolder() => $"{ProcessFolder.Prefix}{NextNumber()}-{_process}";

    /// <summary>Returns a name for a file. The names ascend; all processes' together as well as their clocks agree.</summary>
    public string NextFile(OutboxFileKind kind) => kind switch
    {
        OutboxFileKind.Backlog => NextNumber() + BacklogExtension,
        OutboxFileKind.Journal => NextNumber() + JournalExtension,
        _ => $"{NextNumber()}-{_process}{RefusedExtension}",
    };

    private string NextNumber()
    {
        _last = Math.Max(_last + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
        return _last.ToString("D16", CultureInfo.InvariantCulture);
    }
}
