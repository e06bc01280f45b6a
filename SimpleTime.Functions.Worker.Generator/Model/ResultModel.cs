namespace SimpleTime.Functions.Worker.Generator;

/// <summary>What a function returns.</summary>
/// <param name="HasValue">Whether it returns anything.</param>
/// <param name="Outputs">The output properties of what it returns.</param>
internal sealed record ResultModel(bool HasValue, EquatableArray<OutputModel> Outputs)
{
    public static ResultModel None { get; } = new(false, default);

    public static ResultModel Answer { get; } = new(true, default);
}
