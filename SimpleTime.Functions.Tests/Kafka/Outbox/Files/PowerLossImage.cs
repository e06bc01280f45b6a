namespace SimpleTime.Functions.Tests.Kafka.Outbox.Files;

/// <summary>
/// What a disk can hold after a loss of power. POSIX promises no more: of the changes to a file or a folder since its last sync each is
/// kept or dropped, whatever their order, and a write can be torn between sectors.
/// </summary>
/// <param name="root">The folder that exists for certain; all paths are in it.</param>
internal sealed class PowerLossImage(string root)
{
    private const int SectorBytes = 512;

    private readonly Node _root = new(isFolder: true);
    private readonly Dictionary<int, Node> _files = [];

    /// <summary>Does a change to the disk before the loss.</summary>
    public void Apply(DiskChange change)
    {
        switch (change)
        {
            case DiskChange.Create create:
                Add(create.Path, _files[create.File] = new Node(isFolder: false));
                break;
            case DiskChange.CreateFolder create:
                Add(create.Path, new Node(isFolder: true));
                break;
            case DiskChange.Write write:
                _files[write.File].Pending.Add(write);
                break;
            case DiskChange.SetLength setLength:
                _files[setLength.File].Pending.Add(setLength);
                break;
            case DiskChange.Sync sync:
                var file = _files[sync.File];
                file.Durable = file.Pending.Aggregate(file.Durable, (bytes, pending) => Change(bytes, pending, null));
                file.Pending.Clear();
                break;
            case DiskChange.SyncFolder sync:
                var folder = Find(sync.Path);
                folder.DurableEntries = new(folder.Entries);
                folder.PendingEntries.Clear();
                break;
            case DiskChange.Rename rename:
                var (from, name) = Parent(rename.Path);
                var (to, newName) = Parent(rename.NewPath);
                Assert(from == to);
                from.Do(new EntryChange([(name, null), (newName, from.Entries[name])]));
                break;
            case DiskChange.Delete delete:
                var (parent, deleted) = Parent(delete.Path);
                parent.Do(new EntryChange([(deleted, null)]));
                break;
        }
    }

    /// <summary>Writes what is left to a folder that exists.</summary>
    public void Write(string target, Random random) => Write(_root, target, random);

    private static void Write(Node folder, string target, Random random)
    {
        var entries = new Dictionary<string, Node>(folder.DurableEntries);
        foreach (var change in folder.PendingEntries.Where(_ => random.Next(2) == 0))
        {
            EntryChange.Do(change, entries);
        }

        foreach (var (name, node) in entries)
        {
            var path = Path.Combine(target, name);
            if (node.IsFolder)
            {
                Directory.CreateDirectory(path);
                Write(node, path, random);
            }
            else
            {
                File.WriteAllBytes(path, node.Pending.Where(_ => random.Next(3) != 0).Aggregate(node.Durable, (bytes, pending) => Change(bytes, pending, random)));
            }
        }
    }

    private static byte[] Change(byte[] bytes, DiskChange change, Random? random)
    {
        if (change is DiskChange.SetLength { Length: var length })
        {
            Array.Resize(ref bytes, length);
            return bytes;
        }

        var write = (DiskChange.Write)change;
        var changed = new byte[Math.Max(bytes.Length, write.Offset + write.Bytes.Length)];
        bytes.CopyTo(changed, 0);
        var isTorn = random?.Next(2) == 0;
        for (var at = 0; at < write.Bytes.Length;)
        {
            var end = Math.Min(write.Bytes.Length, (((write.Offset + at) / SectorBytes) + 1) * SectorBytes - write.Offset);
            if (!isTorn || random!.Next(2) == 0)
            {
                write.Bytes.AsSpan(at..end).CopyTo(changed.AsSpan(write.Offset + at));
            }

            at = end;
        }

        return changed;
    }

    private static void Assert(bool condition)
    {
        if (!condition)
        {
            throw new NotSupportedException("The outbox renames within a folder only.");
        }
    }

    private void Add(string path, Node node)
    {
        var (parent, name) = Parent(path);
        parent.Do(new EntryChange([(name, node)]));
    }

    private (Node Folder, string Name) Parent(string path) => (Find(Path.GetDirectoryName(path)!), Path.GetFileName(path));

    private Node Find(string path) =>
        path == root ? _root : Parent(path) is var (folder, name) ? folder.Entries[name] : throw new InvalidOperationException();

    private sealed record EntryChange((string Name, Node? Node)[] Entries)
    {
        public static void Do(EntryChange change, Dictionary<string, Node> entries)
        {
            foreach (var (name, node) in change.Entries)
            {
                if (node is null)
                {
                    entries.Remove(name);
                }
                else
                {
                    entries[name] = node;
                }
            }
        }
    }

    private sealed class Node(bool isFolder)
    {
        public bool IsFolder => isFolder;

        public byte[] Durable { get; set; } = [];

        public List<DiskChange> Pending { get; } = [];

        public Dictionary<string, Node> Entries { get; } = [];

        public Dictionary<string, Node> DurableEntries { get; set; } = [];

        public List<EntryChange> PendingEntries { get; } = [];

        public void Do(EntryChange change)
        {
            EntryChange.Do(change, Entries);
            PendingEntries.Add(change);
        }
    }
}
