using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>A message that a client has and Kafka has not acknowledged yet; an element of <see cref="PendingMessages"/>.</summary>
internal sealed class PendingMessage(
    OutputProducer owner, IProducer<Null, byte[]>? client, string brokerSetting, string topic, byte[] value, long acceptedAt)
{
    /// <summary>What to replace where that sequence is not known: older than all.</summary>
    public const long AcceptedLongAgo = -1;

    /// <summary>The client that has it, or had it; null when it comes from the spool's queue.</summary>
    public IProducer<Null, byte[]>? Client { get; } = client;

    public string BrokerSetting { get; } = brokerSetting;

    public string Topic { get; } = topic;

    public byte[] Value { get; } = value;

    /// <summary>The headers; null for none.</summary>
    public Headers? Headers { get; init; }

    /// <summary>When it was accepted, as a timestamp of the time provider.</summary>
    public long AcceptedAt { get; } = acceptedAt;

    /// <summary>The place in the order of acceptance, from 1 and unique in the process.</summary>
    public long Sequence { get; set; }

    /// <summary>The sequence of the message that this one is sent in place of; 0 for none.</summary>
    public long Replaces { get; init; }

    /// <summary>The sequence under which it was accepted first.</summary>
    public long AcceptedAs => Replaces != 0 ? Replaces : Sequence;

    public PendingMessage? Older { get; set; }

    public PendingMessage? Newer { get; set; }

    public bool IsPending { get; set; }

    /// <summary>Whether the spool has a copy. Changes under the message's lock.</summary>
    public bool IsSpooled { get; set; }

    /// <summary>Whether no client has it any more. Changes under the message's lock.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>Whether nothing has it any more. Changes under the message's lock.</summary>
    public bool IsLost { get; set; }

    /// <summary>Told of the end of a message that comes from the spool; null for a new one.</summary>
    public TaskCompletionSource<Error>? FromSpool { get; init; }

    public void OnDelivery(DeliveryReport<Null, byte[]> report) => owner.OnDelivery(this, report.Error);
}
