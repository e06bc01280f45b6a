// Stands in for the package of this name where a feed has not got it: what the app uses of it.
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

[BindingCapabilities(KnownBindingCapabilities.FunctionLevelRetry)]
public sealed class KafkaTriggerAttribute(string brokerList, string topic) : TriggerBindingAttribute, ISupportCardinality
{
    public string BrokerList { get; } = brokerList;

    public string Topic { get; } = topic;

    public string ConsumerGroup { get; set; }

    [DefaultValue(false)]
    public bool IsBatched
    {
        get => ((ISupportCardinality)this).Cardinality == Cardinality.Many;
        set => ((ISupportCardinality)this).Cardinality = value ? Cardinality.Many : Cardinality.One;
    }

    Cardinality ISupportCardinality.Cardinality { get; set; } = Cardinality.One;
}

public sealed class KafkaOutputAttribute(string brokerList, string topic) : OutputBindingAttribute
{
    public string BrokerList { get; } = brokerList;

    public string Topic { get; } = topic;

    public int LingerMs { get; set; }
}

public class KafkaRecord
{
    public string Topic { get; set; }

    public int Partition { get; set; }

    public long Offset { get; set; }

    public byte[] Key { get; set; }

    public byte[] Value { get; set; }

    public KafkaTimestamp Timestamp { get; set; }

    public KafkaHeader[] Headers { get; set; }
}

public class KafkaTimestamp
{
    public long UnixTimestampMs { get; set; }

    public KafkaTimestampType Type { get; set; }
}

public enum KafkaTimestampType
{
    NotAvailable = 0,
    CreateTime = 1,
    LogAppendTime = 2,
}

public class KafkaHeader
{
    public string Key { get; set; }

    public byte[] Value { get; set; }
}
