namespace SimpleTime.Functions.Worker.Generator;

/// <summary>What a function returns.</summary>
/// <param name="HasValue">Whether it returns anything.</param>
/// <param name="Outputs">The output properties of what it returns.</param>
internal sealed record ResultModel(bool HasValue, EquatableArray<OutputModel> Outputs)
{
    public static ResultModel None { get; } = new(false, default);

    public static ResultModel Answer { get; } = new(true, default);
}

/// <summary>An output property.</summary>
/// <param name="Name">The property's name.</param>
/// <param name="Kafka">The attribute of a Kafka output; null for the HTTP answer.</param>
/// <param name="MessageType">The type of one message of a Kafka output, fully qualified; null for the HTTP answer.</param>
internal sealed record OutputModel(string Name, AttributeModel? Kafka, string? MessageType);
