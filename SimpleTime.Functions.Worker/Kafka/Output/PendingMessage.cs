using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>A message that was accepted and is not acknowledged yet; an element of <see cref="PendingMessages"/>.</summary>
internal sealed class PendingMessage(OutputProducer owner, IProducer<Null, byte[]> client, string topic, byte[] value)
{
    public IProducer<Null, byte[]> Client { get; } = client;

    public string Topic { get; } = topic;

    public byte[] Value { get; } = value;

    /// <summary>The place in the order of acceptance.</summary>
    public long Sequence { get; set; }

    public PendingMessage? Older { get; set; }

    public PendingMessage? Newer { get; set; }

    public bool IsPending { get; set; }

    public void OnDelivery(DeliveryReport<Null, byte[]> report) => owner.OnDelivery(this, report.Error);
}
