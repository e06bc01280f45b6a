using System.Runtime.InteropServices;

namespace SimpleTime.Functions.Worker.Kafka.Embedded;

/// <summary>Owns an <c>rd_kafka_mock_cluster_t</c> and keeps the client that carries it alive for as long.</summary>
internal sealed class MockClusterHandle : SafeHandle
{
    private LibrdkafkaHandle? _client;

    /// <summary>Initializes an empty handle, for the marshaller to fill.</summary>
    public MockClusterHandle()
        : base(0, ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Holds on to the client that carries the cluster until the cluster is gone.</summary>
    /// <param name="client">The client that the cluster was made on.</param>
    public void KeepAlive(LibrdkafkaHandle client)
    {
        var added = false;
        client.DangerousAddRef(ref added);
        _client = client;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        MockNative.ClusterDestroy(handle);
        _client?.DangerousRelease();
        return true;
    }
}
