using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Worker;

/// <summary>An output that a function declares. Immutable. Written by the source generator.</summary>
public sealed class OutputDescriptor
{
    private OutputDescriptor(string name, KafkaOutputAttribute? kafka, Type? messageType)
    {
        Name = name;
        Kafka = kafka;
        MessageType = messageType;
    }

    /// <summary>Gets the name of the property.</summary>
    public string Name { get; }

    /// <summary>Gets the attribute of a Kafka output; null for the HTTP answer.</summary>
    public KafkaOutputAttribute? Kafka { get; }

    /// <summary>Gets the type of one message of a Kafka output; null for the HTTP answer.</summary>
    public Type? MessageType { get; }

    /// <summary>Gets the type of the binding: <c>http</c> or <c>kafka</c>.</summary>
    public string BindingType => Kafka is null ? "http" : "kafka";

    /// <summary>Returns the HTTP answer.</summary>
    /// <param name="name">The name of the property.</param>
    public static OutputDescriptor HttpResult(string name) => new(name, null, null);

    /// <summary>Returns a Kafka output.</summary>
    /// <param name="name">The name of the property.</param>
    /// <param name="kafka">The attribute of the property.</param>
    /// <param name="messageType">The type of the property, or of the elements of its array.</param>
    public static OutputDescriptor KafkaOutput(string name, KafkaOutputAttribute kafka, Type messageType) => new(name, kafka, messageType);
}
