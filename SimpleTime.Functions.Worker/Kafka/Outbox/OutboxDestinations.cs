using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Clients;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// The topics that messages go to, and a producer for each broker list and settings of an output. Outputs that differ in their settings
/// alone share the destination of the first. Safe for use by several threads.
/// </summary>
internal sealed class OutboxDestinations(
    OutboxMessages messages, Outbox outbox, KafkaClientFactory clients, TopicMonitors monitors, ClientWatch watch, TimeProvider time, ThrottledLog throttled,
    ILogger<OutboxProducer> logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ProducerProfile, OutboxProducer> _producers = [];

    /// <summary>Gets the producers that there are now.</summary>
    public IReadOnlyCollection<OutboxProducer> Producers
    {
        get
        {
            lock (_lock)
            {
                return [.. _producers.Values];
            }
        }
    }

    /// <summary>Returns the destination of an output.</summary>
    public OutboxDestination GetOrAdd(ProducerProfile profile, string topic)
    {
        lock (_lock)
        {
            return Find(profile.BrokerSetting, topic) ?? Add(GetOrAddProducer(profile), topic);
        }
    }

    /// <summary>Returns the destination of a message that was read from a file.</summary>
    /// <param name="brokerSetting">The brokers as the output's attribute named them.</param>
    /// <param name="topic">The topic, which no function may name any more.</param>
    /// <returns>Null when no output has these brokers.</returns>
    public OutboxDestination? FindOrAdd(string brokerSetting, string topic)
    {
        lock (_lock)
        {
            return Find(brokerSetting, topic)
                ?? (_producers.Values.FirstOrDefault(producer => producer.Profile.BrokerSetting == brokerSetting) is { } producer ? Add(producer, topic) : null);
        }
    }

    private OutboxDestination? Find(string brokerSetting, string topic) =>
        Array.Find(messages.GetDestinations(), destination => destination.BrokerSetting == brokerSetting && destination.Topic == topic);

    private OutboxDestination Add(OutboxProducer producer, string topic)
    {
        var destination = new OutboxDestination(
            producer.Profile.BrokerSetting, topic, producer, monitors.Find(producer.Profile.BrokerList, topic), outbox.OnReport, time);
        outbox.Add(destination);
        return destination;
    }

    private OutboxProducer GetOrAddProducer(ProducerProfile profile)
    {
        if (!_producers.TryGetValue(profile, out var producer))
        {
            producer = new OutboxProducer(profile, clients, watch, outbox.Requeue, time, throttled, logger);
            _producers.Add(profile, producer);
        }

        return producer;
    }
}
