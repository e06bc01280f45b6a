namespace SimpleTime.Functions.Worker.Generator;

/// <summary>What starts a function.</summary>
internal enum TriggerKind
{
    Http,
    Kafka,
}
