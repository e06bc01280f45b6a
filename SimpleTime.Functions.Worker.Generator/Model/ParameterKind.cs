namespace SimpleTime.Functions.Worker.Generator;

/// <summary>What a parameter of a function receives.</summary>
internal enum ParameterKind
{
    HttpRequest,
    KafkaRecords,
    KafkaRecord,
    FunctionContext,
    CancellationToken,
}
