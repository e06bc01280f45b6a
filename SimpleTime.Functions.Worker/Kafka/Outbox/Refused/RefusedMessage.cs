using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using SimpleTime.Functions.Worker.Kafka.Outbox.Refused;

namespace SimpleTime.Functions.Worker;

/// <summary>A message that Kafka refused for good, as a file has it. What it holds is what a caller of the service may have sent. Immutable.</summary>
public sealed class RefusedMessage
{
    internal RefusedMessage(OutboxRecord record, int position)
    {
        var (reason, headers) = RefusedRecord.Split(record);
        Id = RecordFormat.IdentityOf(record);
        BrokerSetting = record.BrokerSetting;
        Topic = record.Topic;
        AcceptedAt = record.AcceptedAt;
        Reason = reason;
        Headers = [.. headers.Select(header => new KeyValuePair<string, byte[]?>(header.Key, header.GetValueBytes()))];
        Value = record.Value.ToArray();
        Position = position;
    }

    /// <summary>Gets a number from 1 on that it keeps as long as it is kept; messages that are the same in everything have the same.</summary>
    public long Id { get; }

    /// <summary>Gets the broker list as the output's attribute names it.</summary>
    public string BrokerSetting { get; }

    /// <summary>Gets the topic that it was for.</summary>
    public string Topic { get; }

    /// <summary>Gets when it was accepted, to the millisecond.</summary>
    public DateTimeOffset AcceptedAt { get; }

    /// <summary>Gets why Kafka refused it: 256 characters at the most; empty when that is not known.</summary>
    public string Reason { get; }

    /// <summary>Gets its headers.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]?>> Headers { get; }

    /// <summary>Gets its value.</summary>
    public byte[] Value { get; }

    /// <summary>Gets its place in its file, from 0 on.</summary>
    internal int Position { get; }
}
