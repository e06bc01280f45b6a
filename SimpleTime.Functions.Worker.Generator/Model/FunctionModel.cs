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

/// <summary>What a parameter of a function receives.</summary>
internal enum ParameterKind
{
    HttpRequest,
    KafkaRecords,
    KafkaRecord,
    FunctionContext,
    CancellationToken,
}

/// <summary>How the instance of a function class is disposed of.</summary>
internal enum Disposal
{
    None,
    Synchronous,
    Asynchronous,
}

/// <summary>A parameter of a function class's constructor.</summary>
/// <param name="TypeName">Its type, fully qualified.</param>
/// <param name="IsServiceProvider">Whether it is the service provider itself.</param>
/// <param name="Key">The key of a keyed service as a C# expression.</param>
/// <param name="Fallback">What an optional parameter gets when there is no such service.</param>
internal sealed record DependencyModel(string TypeName, bool IsServiceProvider, string? Key, FallbackModel? Fallback);

/// <summary>The default value of a parameter.</summary>
/// <param name="PatternType">The parameter's type as a type pattern takes it: a nullable value type is its underlying type.</param>
/// <param name="Value">The value as a C# expression.</param>
internal sealed record FallbackModel(string PatternType, string Value);
