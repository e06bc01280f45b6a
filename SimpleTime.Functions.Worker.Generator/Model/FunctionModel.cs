namespace SimpleTime.Functions.Worker.Generator;

/// <summary>A function without errors: all that the emitter needs, and nothing that an edit elsewhere changes.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="EntryPoint">The method as reflection names it.</param>
/// <param name="TriggerName">The parameter that carries the trigger.</param>
/// <param name="Trigger">The trigger.</param>
/// <param name="Retry">The retry attribute.</param>
/// <param name="TypeName">The class, fully qualified.</param>
/// <param name="MethodName">The method as it is written after a dot.</param>
/// <param name="IsStatic">Whether the method needs no instance.</param>
/// <param name="IsAwaited">Whether the method returns a <c>Task</c> or <c>ValueTask</c>, with a value or without.</param>
/// <param name="Dependencies">The parameters of the constructor.</param>
/// <param name="Disposal">How the instance is disposed of.</param>
/// <param name="Parameters">What the method takes.</param>
/// <param name="Result">What the method returns.</param>
internal sealed record FunctionModel(
    string Name,
    string EntryPoint,
    string TriggerName,
    AttributeModel Trigger,
    AttributeModel? Retry,
    string TypeName,
    string MethodName,
    bool IsStatic,
    bool IsAwaited,
    EquatableArray<DependencyModel> Dependencies,
    Disposal Disposal,
    EquatableArray<ParameterKind> Parameters,
    ResultModel Result);
