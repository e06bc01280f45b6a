namespace SimpleTime.Functions.Kafka;

/// <summary>What is known of Kafka. Safe for use by several threads; never waits for Kafka.</summary>
public interface IKafkaStatus
{
    /// <summary>Whether Kafka is up: a read of one field, cheap enough for every request.</summary>
    bool IsUp { get; }

    /// <summary>All that is known now.</summary>
    KafkaStatusSnapshot Snapshot();
}
