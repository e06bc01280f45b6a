using SimpleTime.Functions.Worker.Hosting;
using SimpleTime.Functions.Worker.Kafka.Spool;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>Reads where the spool is and how large it may be.</summary>
internal static class SpoolSettings
{
    private const long Smallest = 1 << 20;

    public static SpoolOptions Read(SettingReader settings) => new(
        settings.Text("EVENT_SPOOL_PATH") ?? Path.Combine(Path.GetTempPath(), "functions-spool"),
        settings.Long("EVENT_SPOOL_MAX_BYTES", 268_435_456, Smallest, long.MaxValue));
}
