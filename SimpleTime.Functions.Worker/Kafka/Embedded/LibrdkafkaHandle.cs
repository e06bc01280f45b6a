using System.Runtime.InteropServices;

namespace SimpleTime.Functions.Worker.Kafka.Embedded;

/// <summary>Owns an <c>rd_kafka_t</c>. Its release waits for the client's threads to end.</summary>
internal sealed class LibrdkafkaHandle : SafeHandle
{
    /// <summary>Initializes an empty handle, for the marshaller to fill.</summary>
    public LibrdkafkaHandle()
        : base(0, ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        MockNative.Destroy(handle);
        return true;
    }
}
