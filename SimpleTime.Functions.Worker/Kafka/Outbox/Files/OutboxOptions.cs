namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>Where the outbox keeps its files, and how large they may be. Immutable.</summary>
/// <param name="Path">The root folder, which several processes may share.</param>
/// <param name="MaxBytes">The most bytes that all files under the root may have together.</param>
internal sealed record OutboxOptions(string Path, long MaxBytes)
{
    /// <summary>
    /// Gets the size at which a file is closed and a new one begun, in bytes. It is small when <see cref="MaxBytes"/> is, as only a whole
    /// file's space becomes free again.
    /// </summary>
    public int FileBytes => (int)Math.Min(4 * 1024 * 1024, Math.Max(MaxBytes / 8, 64 * 1024));

    /// <summary>Gets what this process may always write, in bytes, whatever the files of others take.</summary>
    public long OwnBytes => Math.Min(32 * 1024 * 1024, MaxBytes);
}
