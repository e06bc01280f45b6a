using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Native;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>
/// Commits the offsets of a consumer's group with a text beside each, and reads them. Safe for use by several threads. The client must not
/// be disposed meanwhile.
/// </summary>
internal sealed unsafe class GroupOffsets
{
    // The broker's offset.metadata.max.bytes is 4096 by default.
    private const int MaxMetadataBytes = 1_024;

    private readonly nint _client;

    /// <param name="handle">The handle of the consumer.</param>
    public GroupOffsets(Handle handle)
    {
        LibrdkafkaLibrary.EnsureBound();
        _client = ((SafeHandle)GroupOffsetNative.ClientOf(handle)).DangerousGetHandle();
    }

    /// <summary>Commits offsets, and waits for the answer without a time-out of its own.</summary>
    /// <param name="offsets">The offsets.</param>
    /// <param name="metadata">The text beside each, of at most 1 KiB in UTF-8; null for none.</param>
    /// <exception cref="KafkaException">Kafka did not take all of them.</exception>
    public void Commit(IReadOnlyCollection<TopicPartitionOffset> offsets, string? metadata)
    {
        var bytes = metadata is null ? [] : Encoding.UTF8.GetBytes(metadata);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MaxMetadataBytes, nameof(metadata));
        var list = GroupOffsetNative.NewList(offsets.Count);
        try
        {
            foreach (var offset in offsets)
            {
                var entry = GroupOffsetNative.Add(list, offset.Topic, offset.Partition.Value);
                entry->Offset = offset.Offset.Value;
                if (bytes.Length > 0)
                {
                    entry->Metadata = (byte*)NativeMemory.Alloc((nuint)bytes.Length);
                    entry->MetadataSize = (nuint)bytes.Length;
                    bytes.CopyTo(new Span<byte>(entry->Metadata, bytes.Length));
                }
            }

            ThrowIfError(GroupOffsetNative.Commit(_client, list, 0));
            for (var i = 0; i < list->Count; i++)
            {
                ThrowIfError(list->Entries[i].Error);
            }
        }
        finally
        {
            GroupOffsetNative.DestroyList(list);
        }
    }

    /// <summary>Returns what the group has committed.</summary>
    /// <param name="partitions">The partitions.</param>
    /// <param name="timeout">How long to wait for the answer.</param>
    /// <exception cref="KafkaException">Kafka did not answer, or refused.</exception>
    public IReadOnlyList<CommittedOffset> Committed(IReadOnlyCollection<TopicPartition> partitions, TimeSpan timeout)
    {
        var list = GroupOffsetNative.NewList(partitions.Count);
        try
        {
            foreach (var partition in partitions)
            {
                GroupOffsetNative.Add(list, partition.Topic, partition.Partition.Value);
            }

            ThrowIfError(GroupOffsetNative.Committed(_client, list, (int)timeout.TotalMilliseconds));
            var committed = new List<CommittedOffset>(list->Count);
            for (var i = 0; i < list->Count; i++)
            {
                ref var entry = ref list->Entries[i];
                ThrowIfError(entry.Error);
                var size = (int)Math.Min(entry.MetadataSize, MaxMetadataBytes);
                committed.Add(new(
                    new TopicPartition(Marshal.PtrToStringUTF8((nint)entry.Topic), entry.Partition),
                    entry.Offset,
                    size == 0 ? null : Encoding.UTF8.GetString(entry.Metadata, size)));
            }

            return committed;
        }
        finally
        {
            GroupOffsetNative.DestroyList(list);
        }
    }

    private static void ThrowIfError(ErrorCode code)
    {
        if (code != ErrorCode.NoError)
        {
            throw new KafkaException(code);
        }
    }
}
