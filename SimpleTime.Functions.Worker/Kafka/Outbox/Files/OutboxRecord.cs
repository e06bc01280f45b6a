using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Files;

/// <summary>A message as it stands in a file of the outbox. Immutable.</summary>
/// <param name="AcceptedAt">When the message was accepted; the file keeps it to the millisecond.</param>
/// <param name="BrokerSetting">The broker list as the output's attribute names it: a setting may have changed since.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Headers">The headers; null for none.</param>
/// <param name="Value">The value.</param>
internal sealed record OutboxRecord(
    DateTimeOffset AcceptedAt, string BrokerSetting, string Topic, Headers? Headers, ReadOnlyMemory<byte> Value);
