using SimpleTime.Functions.Worker.Hosting;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>Reads where the outbox's files are and how large they may be together.</summary>
internal static class OutboxSettings
{
    private const long Smallest = 1 << 20;

    public static OutboxOptions Read(SettingReader settings) => new(
        settings.Text("EVENT_SPOOL_PATH") ?? Path.Combine(Path.GetTempPath(), "functions-spool"),
        settings.Long("EVENT_SPOOL_MAX_BYTES", 268_435_456, Smallest, long.MaxValue));
}
