using System.Text;
using SimpleTime.Functions.Replay;

namespace SimpleTime.Functions.Tests.Refused;

/// <summary>Stands for Kafka, and keeps what it is sent.</summary>
/// <param name="answer">Told the number of each record, from 1 on, and its value.</param>
internal sealed class RecordedPublisher(Func<int, string, Task>? answer = null) : IEventPublisher
{
    public List<(string Topic, byte[]? Key, string Value, IReadOnlyList<KeyValuePair<string, byte[]?>> Headers)> Records { get; } = [];

    public async Task PublishAsync(
        string topic, byte[]? key, byte[]? value, IReadOnlyList<KeyValuePair<string, byte[]?>> headers, CancellationToken cancellationToken)
    {
        Records.Add((topic, key, Encoding.UTF8.GetString(value!), headers));
        await (answer?.Invoke(Records.Count, Records[^1].Value) ?? Task.CompletedTask);
    }
}
