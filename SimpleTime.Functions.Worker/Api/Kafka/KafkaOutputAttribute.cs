using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Sends the value of the property, or each element of its array, to a Kafka topic.</summary>
/// <remarks>Defaults are those of the official Kafka extension 4.3.</remarks>
/// <param name="brokerList">The name of the setting that holds the broker list, or the broker list itself.</param>
/// <param name="topic">The topic; <c>%NAME%</c> takes it from a setting.</param>
public sealed class KafkaOutputAttribute(string brokerList, string topic) : OutputBindingAttribute
{
    /// <summary>Gets the name of the setting that holds the broker list, or the broker list itself.</summary>
    public string BrokerList { get; } = brokerList;

    /// <summary>Gets the topic; <c>%NAME%</c> takes it from a setting.</summary>
    public string Topic { get; } = topic;

    /// <summary>Gets or sets the largest message, in bytes.</summary>
    public int MaxMessageBytes { get; set; } = 1_000_000;

    /// <summary>Gets or sets the most messages in one request to a broker.</summary>
    public int BatchSize { get; set; } = 10_000;

    /// <summary>Gets or sets whether the producer is idempotent. The container host's always is.</summary>
    public bool EnableIdempotence { get; set; }

    /// <summary>Gets or sets how long a message may wait for its acknowledgement, in milliseconds, before its delivery has failed.</summary>
    public int MessageTimeoutMs { get; set; } = 300_000;

    /// <summary>Gets or sets how long a broker may take to acknowledge a request, in milliseconds.</summary>
    public int RequestTimeoutMs { get; set; } = 5_000;

    /// <summary>Gets or sets how often the client repeats a failed send.</summary>
    public int MaxRetries { get; set; } = int.MaxValue;

    /// <summary>Gets or sets how long a message waits for others to share its request, in milliseconds.</summary>
    public int LingerMs { get; set; } = 5;
}
