using System.Globalization;
using System.Text;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Replay;

/// <summary>Records that are sent at one time, and how that ends. Used by one thread.</summary>
/// <typeparam name="T">What a record is made of.</typeparam>
/// <param name="publisher">Sends them.</param>
/// <param name="errors">Gets a line for each that is not acknowledged.</param>
/// <param name="stopping">Ends the wait.</param>
internal sealed class SentRecords<T>(IEventPublisher publisher, TextWriter errors, CancellationToken stopping)
{
    private const int PreviewLength = 120;

    private readonly List<(T Item, long Id, Task Acknowledgement)> _sent = [];

    /// <summary>Gets whether nothing was acknowledged and Kafka gave no answer, so that there is no sense in going on.</summary>
    public bool IsHopeless { get; private set; }

    /// <summary>Returns a value's size and first characters, fit to be shown.</summary>
    public static string Describe(byte[]? value)
    {
        var preview = value is null ? "no value" : SafeText.OneLine(
            Encoding.UTF8.GetString(value.AsSpan(0, Math.Min(value.Length, PreviewLength * 4))), PreviewLength);
        return string.Create(CultureInfo.InvariantCulture, $"{value?.Length ?? 0} bytes: {preview}");
    }

    /// <summary>Sends a record, without waiting for its acknowledgement.</summary>
    /// <param name="item">What it is made of.</param>
    /// <param name="id">What the lines call it.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="key">The key; null for none.</param>
    /// <param name="value">The value; null for none.</param>
    /// <param name="headers">The headers.</param>
    public void Send(T item, long id, string topic, byte[]? key, byte[]? value, IReadOnlyList<KeyValuePair<string, byte[]?>> headers) =>
        _sent.Add((item, id, publisher.PublishAsync(topic, key, value, headers, stopping)));

    /// <summary>Waits until it is known how each ended, and tells of those that Kafka did not acknowledge.</summary>
    /// <returns>What was acknowledged.</returns>
    public async Task<List<T>> WaitAsync()
    {
        List<T> acknowledged = [];
        var hasTimedOut = false;
        foreach (var (item, id, acknowledgement) in _sent)
        {
            try
            {
                await acknowledgement;
                acknowledged.Add(item);
            }
            catch (Exception exception) when (exception is IOException or TimeoutException)
            {
                hasTimedOut |= exception is TimeoutException;
                errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{id}: not sent. {SafeText.OneLine(exception.Message, 512)}"));
            }
            catch (OperationCanceledException)
            {
                errors.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{id}: not acknowledged when the command was stopped; it may have been sent."));
            }
        }

        IsHopeless = hasTimedOut && acknowledged.Count == 0;
        return acknowledged;
    }
}
