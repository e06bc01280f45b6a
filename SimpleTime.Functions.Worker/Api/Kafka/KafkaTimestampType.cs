namespace Microsoft.Azure.Functions.Worker;

/// <summary>What the timestamp of a Kafka record stands for.</summary>
public enum KafkaTimestampType
{
    /// <summary>There is none.</summary>
    NotAvailable = 0,

    /// <summary>When the producer made the record.</summary>
    CreateTime = 1,

    /// <summary>When the broker appended the record.</summary>
    LogAppendTime = 2,
}
