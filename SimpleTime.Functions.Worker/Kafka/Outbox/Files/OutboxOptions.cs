using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>Where the outbox keeps its files, and how large they may be. Immutable.</summary>
/// <param name="Path">The root folder, which several processes may share.</param>
/// <param name="MaxBytes">The most bytes that all files under the root may have together.</param>
internal sealed record OutboxOptions(string Path, long MaxBytes)
{
    private const long SmallestMaxBytes = 1 << 20;

    /// <summary>
    /// Gets the size at which a file is closed and a new one begun, in bytes. It is small when <see cref="MaxBytes"/> is, as only a whole
    /// file's space becomes free again.
    /// </summary>
    public int FileBytes => (int)Math.Min(4 * 1024 * 1024, Math.Max(MaxBytes / 8, 64 * 1024));

    /// <summary>Gets what this process may always write, in bytes, whatever the files of others take.</summary>
    public long OwnBytes => Math.Min(32 * 1024 * 1024, MaxBytes);

    /// <summary>Reads the settings.</summary>
    public static OutboxOptions Read(SettingReader settings) => new(
        settings.Path("EVENT_SPOOL_PATH", System.IO.Path.Combine(System.IO.Path.GetTempPath(), "functions-spool")),
        settings.Long("EVENT_SPOOL_MAX_BYTES", 268_435_456, SmallestMaxBytes, long.MaxValue));
}
