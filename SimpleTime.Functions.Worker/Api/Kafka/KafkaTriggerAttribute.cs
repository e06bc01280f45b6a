using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Starts the function by records of a Kafka topic.</summary>
/// <param name="brokerList">The name of the setting that holds the broker list, or the broker list itself.</param>
/// <param name="topic">The topic; <c>%NAME%</c> takes it from a setting.</param>
public sealed class KafkaTriggerAttribute(string brokerList, string topic) : TriggerBindingAttribute
{
    /// <summary>Gets the name of the setting that holds the broker list, or the broker list itself.</summary>
    public string BrokerList { get; } = brokerList;

    /// <summary>Gets the topic; <c>%NAME%</c> takes it from a setting.</summary>
    public string Topic { get; } = topic;

    /// <summary>Gets or sets the consumer group; <c>%NAME%</c> takes it from a setting.</summary>
    public string? ConsumerGroup { get; set; }

    /// <summary>Gets or sets whether the function takes an array of records; the default is one record an invocation.</summary>
    public bool IsBatched { get; set; }
}
