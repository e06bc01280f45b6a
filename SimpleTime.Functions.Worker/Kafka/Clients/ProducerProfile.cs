using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Worker.Kafka.Clients;

/// <summary>What makes two outputs share a producer: the broker list as the attribute names it and as it is, and the attribute's settings.</summary>
internal sealed record ProducerProfile(
    string BrokerSetting, string BrokerList, int MaxMessageBytes, int BatchSize, int MessageTimeoutMs, int RequestTimeoutMs, int MaxRetries, int LingerMs)
{
    public static ProducerProfile Of(KafkaOutputAttribute output, string brokerList) => new(
        output.BrokerList, brokerList, output.MaxMessageBytes, output.BatchSize, output.MessageTimeoutMs, output.RequestTimeoutMs, output.MaxRetries, output.LingerMs);
}
