using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Events;

namespace SimpleTime.Functions.Functions;

/// <summary>What a function gives that answers and emits events.</summary>
public sealed class FunctionOutput
{
    /// <summary>Gets the answer.</summary>
    [HttpResult]
    public required IResult Answer { get; init; }

    /// <summary>Gets the events to send, a Kafka message each; null sends nothing.</summary>
    [KafkaOutput("KAFKA_BROKERS", "%KAFKA_TOPIC_EVENTS%", LingerMs = 50)]
    public ServiceEvent[]? Events { get; init; }
}
