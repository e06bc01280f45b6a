using System.Text;
using Confluent.Kafka;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;

namespace SimpleTime.Functions.Worker.Kafka.Outbox.Refused;

/// <summary>A message that Kafka refused for good, as a file has it: with the reason as a header.</summary>
internal static class RefusedRecord
{
    /// <summary>The header's name.</summary>
    public const string ReasonHeader = "functions-refused-reason";

    private const int MaxReasonLength = 256;

    /// <summary>Returns the record with the reason, of which the first 256 characters are kept.</summary>
    public static OutboxRecord Of(OutboxRecord record, string reason)
    {
        var headers = new Headers { { ReasonHeader, Encoding.UTF8.GetBytes(SafeText.OneLine(reason, MaxReasonLength)) } };
        foreach (var header in record.Headers ?? [])
        {
            headers.Add(header);
        }

        return record with { Headers = headers };
    }

    /// <summary>Takes the reason from a record that a file has.</summary>
    /// <returns>The reason, empty when there is none, and the message's own headers.</returns>
    public static (string Reason, IEnumerable<IHeader> Headers) Split(OutboxRecord record) =>
        record.Headers?.FirstOrDefault() is { Key: ReasonHeader } reason
            ? (Encoding.UTF8.GetString(reason.GetValueBytes() ?? []), record.Headers.Skip(1))
            : ("", record.Headers ?? Enumerable.Empty<IHeader>());
}
