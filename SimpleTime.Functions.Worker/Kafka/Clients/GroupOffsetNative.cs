using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Native;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>
/// The functions and structures of rdkafka.h (librdkafka 2.16) that carry the metadata of committed offsets, which Confluent.Kafka 2.16 does
/// not show. All are safe for use by several threads.
/// </summary>
internal static unsafe partial class GroupOffsetNative
{
    [LibraryImport(LibrdkafkaLibrary.ImportName, EntryPoint = "rd_kafka_topic_partition_list_new")]
    public static partial PartitionList* NewList(int size);

    [LibraryImport(LibrdkafkaLibrary.ImportName, EntryPoint = "rd_kafka_topic_partition_list_add", StringMarshalling = StringMarshalling.Utf8)]
    public static partial PartitionEntry* Add(PartitionList* list, string topic, int partition);

    /// <summary>Frees a list, with the metadata of its entries.</summary>
    [LibraryImport(LibrdkafkaLibrary.ImportName, EntryPoint = "rd_kafka_topic_partition_list_destroy")]
    public static partial void DestroyList(PartitionList* list);

    /// <summary>Commits; waits for Kafka's answer unless <paramref name="isAsync"/> is 1.</summary>
    [LibraryImport(LibrdkafkaLibrary.ImportName, EntryPoint = "rd_kafka_commit")]
    public static partial ErrorCode Commit(nint client, PartitionList* offsets, int isAsync);

    /// <summary>Fills in what is committed; waits for Kafka's answer.</summary>
    [LibraryImport(LibrdkafkaLibrary.ImportName, EntryPoint = "rd_kafka_committed")]
    public static partial ErrorCode Committed(nint client, PartitionList* partitions, int timeoutMs);

    /// <summary>Returns the native client behind a handle, which Confluent.Kafka keeps to itself.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_LibrdkafkaHandle")]
    [return: UnsafeAccessorType("Confluent.Kafka.Impl.SafeKafkaHandle, Confluent.Kafka")]
    public static extern object ClientOf(Handle handle);

    /// <summary>The structure <c>rd_kafka_topic_partition_list_t</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PartitionList
    {
        public int Count;
        public int Size;
        public PartitionEntry* Entries;
    }

    /// <summary>The structure <c>rd_kafka_topic_partition_t</c>. Its metadata is freed by librdkafka, with <c>free</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PartitionEntry
    {
        public byte* Topic;
        public int Partition;
        public long Offset;
        public byte* Metadata;
        public nuint MetadataSize;
        public nint Opaque;
        public ErrorCode Error;
        public nint Private;
    }
}
