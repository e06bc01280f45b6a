namespace SimpleTime.Functions.Worker.Generator;

/// <summary>An output property.</summary>
/// <param name="Name">The property's name.</param>
/// <param name="Kafka">The attribute of a Kafka output; null for the HTTP answer.</param>
/// <param name="MessageType">The type of one message of a Kafka output, fully qualified; null for the HTTP answer.</param>
internal sealed record OutputModel(string Name, AttributeModel? Kafka, string? MessageType);
