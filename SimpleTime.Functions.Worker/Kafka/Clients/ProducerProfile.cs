using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>What makes two outputs share a producer.</summary>
internal sealed record ProducerProfile(
    string BrokerList, int MaxMessageBytes, int BatchSize, int MessageTimeoutMs, int RequestTimeoutMs, int MaxRetries, int LingerMs)
{
    public static ProducerProfile Of(KafkaOutputAttribute output, string brokerList) => new(
        brokerList, output.MaxMessageBytes, output.BatchSize, output.MessageTimeoutMs, output.RequestTimeoutMs, output.MaxRetries, output.LingerMs);
}
