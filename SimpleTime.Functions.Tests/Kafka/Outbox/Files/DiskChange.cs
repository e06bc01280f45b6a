namespace SimpleTime.Functions.Tests.Kafka.Outbox.Files;

/// <summary>What changed on a disk. Files have a number, as their paths change.</summary>
internal abstract record DiskChange
{
    internal sealed record Create(string Path, int File) : DiskChange;

    internal sealed record Write(int File, byte[] Bytes, int Offset) : DiskChange;

    internal sealed record SetLength(int File, int Length) : DiskChange;

    internal sealed record Sync(int File) : DiskChange;

    internal sealed record CreateFolder(string Path) : DiskChange;

    internal sealed record SyncFolder(string Path) : DiskChange;

    internal sealed record Rename(string Path, string NewPath) : DiskChange;

    internal sealed record Delete(string Path) : DiskChange;

    /// <summary>From now on messages must be there, or need not any more.</summary>
    internal sealed record Mark(IReadOnlyList<int> Numbers, bool MustBeThere) : DiskChange;
}
