using System.Runtime.InteropServices;
using SimpleTime.Functions.Worker.Kafka.Native;

namespace SimpleTime.Functions.Worker.Kafka.Embedded;

/// <summary>
/// The functions of rdkafka.h and rdkafka_mock.h (librdkafka 2.16) that the embedded broker calls. Those of the mock
/// cluster are an experimental interface, outside librdkafka's promise of stability. All are safe for use by several
/// threads. Where a function is missing, a call throws <see cref="EntryPointNotFoundException"/>.
/// </summary>
internal static partial class MockNative
{
    /// <summary>The id that stands for all brokers of the cluster.</summary>
    public const int AllBrokers = -1;

    /// <summary>The value of <c>RD_KAFKA_PRODUCER</c>.</summary>
    public const int Producer = 0;

    private const string Library = LibrdkafkaLibrary.ImportName;

    /// <summary>Makes a configuration, which the caller owns.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_new")]
    public static partial nint ConfNew();

    /// <summary>Frees a configuration that no client owns.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_destroy")]
    public static partial void ConfDestroy(nint conf);

    /// <summary>Sets where the client logs to; 0 for nowhere.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_conf_set_log_cb")]
    public static partial void ConfSetLogCallback(nint conf, nint callback);

    /// <summary>Makes a client, which owns <paramref name="conf"/> from then on; on failure the caller still owns it.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_new")]
    public static partial LibrdkafkaHandle New(int type, nint conf, Span<byte> error, nuint errorSize);

    /// <summary>Ends a client and waits for its threads.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_destroy")]
    public static partial void Destroy(nint client);

    /// <summary>Starts a cluster on a client; an invalid handle when that fails. Its thread inherits the signal mask.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_new")]
    public static partial MockClusterHandle ClusterNew(LibrdkafkaHandle client, int brokerCount);

    /// <summary>Ends a cluster and waits for its thread.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    public static partial void ClusterDestroy(nint cluster);

    /// <summary>Returns a UTF-8 string that the cluster owns.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    public static partial nint ClusterBootstraps(MockClusterHandle cluster);

    /// <summary>Sets <c>group.initial.rebalance.delay.ms</c>.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    public static partial void SetGroupInitialRebalanceDelay(MockClusterHandle cluster, int delayMs);

    /// <summary>Creates a topic; returns an error code, 0 for none.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int TopicCreate(MockClusterHandle cluster, string topic, int partitionCount, int replicationFactor);

    /// <summary>Gives a partition a leader, -1 for none; returns an error code, 0 for none.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_partition_set_leader", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int PartitionSetLeader(MockClusterHandle cluster, string topic, int partition, int brokerId);

    /// <summary>Closes connections and refuses new ones; returns an error code, 0 for none.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_down")]
    public static partial int BrokerSetDown(MockClusterHandle cluster, int brokerId);

    /// <summary>Accepts connections again; returns an error code, 0 for none.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_up")]
    public static partial int BrokerSetUp(MockClusterHandle cluster, int brokerId);

    /// <summary>Delays answers; returns an error code, 0 for none.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
    public static partial int BrokerSetRoundTripTime(MockClusterHandle cluster, int brokerId, int roundTripMs);

    /// <summary>Queues errors for the next requests of a kind.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    public static partial void PushRequestErrors(MockClusterHandle cluster, short apiKey, nuint count, ReadOnlySpan<int> errors);

    /// <summary>Forgets the errors queued for a kind of request.</summary>
    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_clear_request_errors")]
    public static partial void ClearRequestErrors(MockClusterHandle cluster, short apiKey);
}
