namespace SimpleTime.Functions.Refused;

/// <summary>A message that Kafka refused for good, as it is read back. What it holds is what a caller may have sent.</summary>
/// <param name="Id">A number from 1 on that it keeps; messages that are the same in everything share it.</param>
/// <param name="BrokerSetting">The setting with the brokers that it was for.</param>
/// <param name="Topic">The topic that it was for.</param>
/// <param name="AcceptedAt">When the service accepted it.</param>
/// <param name="Reason">Why Kafka refused it; empty when that is not known.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Value">The value.</param>
internal sealed record StoredMessage(
    long Id,
    string BrokerSetting,
    string Topic,
    DateTimeOffset AcceptedAt,
    string Reason,
    IReadOnlyList<KeyValuePair<string, byte[]?>> Headers,
    byte[] Value);
