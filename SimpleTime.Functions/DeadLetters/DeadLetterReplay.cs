using System.Globalization;
using System.Text;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Persistence;
using SimpleTime.Functions.Persistence.Sqlite;
using SimpleTime.Functions.Replay;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.DeadLetters;

/// <summary>Sends dead letters to Kafka again. Used by one thread.</summary>
/// <param name="letters">The dead letters.</param>
/// <param name="publisher">Sends them.</param>
/// <param name="output">Gets a line for each letter that is sent, and one for the end.</param>
/// <param name="errors">Gets a line for each letter that is not.</param>
/// <param name="time">The clock.</param>
internal sealed class DeadLetterReplay(
    SqliteDeadLetters letters, IEventPublisher publisher, TextWriter output, TextWriter errors, TimeProvider time)
{
    // With 64 KiB a letter at the most 8 MiB, well within the client's queue.
    private const int ChunkSize = 128;

    private long _asked;
    private long _acknowledged;

    /// <summary>Sends letters, marks those that Kafka acknowledged, and tells of the others.</summary>
    /// <remarks>With <c>--all</c> letters that were replayed before are left out; those named by <c>--id</c> are sent once more.</remarks>
    /// <param name="options">Which letters, and where to.</param>
    /// <param name="eventTopic">The topic to send to unless the options name another.</param>
    /// <param name="stopping">Ends the command early; what was acknowledged by then is marked.</param>
    /// <returns>The exit code of the command.</returns>
    public async Task<int> RunAsync(ReplayOptions options, string eventTopic, CancellationToken stopping)
    {
        var isThrough = false;
        try
        {
            var topic = options.Topic ?? eventTopic;
            if (options.Ids is not { } ids)
            {
                isThrough = await SendAllAsync(topic, stopping);
            }
            else if (FindMissing(ids) is { } missing)
            {
                errors.WriteLine(Invariant($"There is no dead letter with the id {missing}. Nothing was sent."));
                return ReplayExitCode.WrongRequest;
            }
            else
            {
                isThrough = await SendAsync(ids, topic, stopping);
            }
        }
        catch (EventStoreException exception)
        {
            errors.WriteLine(exception.Message);
        }

        if (_asked > 0)
        {
            output.WriteLine(Invariant($"Kafka acknowledged {_acknowledged} of {_asked} dead letters."));
        }
        else if (isThrough)
        {
            output.WriteLine("There are no dead letters to replay.");
        }

        return isThrough && _acknowledged == _asked ? ReplayExitCode.AllAcknowledged : ReplayExitCode.NotAllAcknowledged;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private long? FindMissing(IReadOnlyList<long> ids)
    {
        foreach (var id in ids)
        {
            if (letters.Find(id) is null)
            {
                return id;
            }
        }

        return null;
    }

    private async Task<bool> SendAsync(IReadOnlyList<long> ids, string topic, CancellationToken stopping)
    {
        _asked = ids.Count;
        foreach (var chunk in ids.Chunk(ChunkSize))
        {
            if (!await SendAsync([.. chunk.Select(letters.Find).OfType<StoredDeadLetter>()], topic, stopping))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> SendAllAsync(string topic, CancellationToken stopping)
    {
        if (letters.CountReplayed() is > 0 and var replayed)
        {
            output.WriteLine(Invariant($"{replayed} dead letters were replayed before and are left out; --id sends them again."));
        }

        // What is unreadable still comes back as a new letter while this runs.
        var last = letters.LastId();
        _asked = letters.CountNotReplayed(last);
        long after = 0;
        long tried = 0;
        while (letters.NotReplayed(after, last, ChunkSize) is { Count: > 0 } chunk)
        {
            if (!await SendAsync(chunk, topic, stopping))
            {
                return false;
            }

            tried += chunk.Count;
            after = chunk[^1].Id;
        }

        // Another command may have replayed some meanwhile.
        _asked = tried;
        return true;
    }

    /// <summary>Sends letters at one time.</summary>
    /// <returns>False when there is no sense in going on.</returns>
    private async Task<bool> SendAsync(IReadOnlyList<StoredDeadLetter> chunk, string topic, CancellationToken stopping)
    {
        var sent = new SentRecords<long>(publisher, errors, stopping);
        foreach (var letter in chunk)
        {
            if (letter.IsUndecodable)
            {
                errors.WriteLine(Invariant(
                    $"{letter.Id}: refused, there is nothing to send: it stands for records of the topic {SafeText.OneLine(letter.Topic, 249)}, partition {letter.Partition}, that no client can decode. {SafeText.OneLine(letter.Reason, 256)}"));
                continue;
            }

            if (letter.IsTruncated)
            {
                errors.WriteLine(Invariant(
                    $"{letter.Id}: refused, only the beginning of it is stored. Its record of {letter.PayloadBytes} bytes is in the topic {SafeText.OneLine(letter.Topic, 249)}, partition {letter.Partition}, offset {letter.Offset}."));
                continue;
            }

            var id = ReplayIdentity.Of(letter.EventId);
            var value = ReplayPayload.Make(letter.Payload, id, letter.Timestamp);
            output.WriteLine(Describe(letter, topic, id, value));
            sent.Send(letter.Id, letter.Id, topic, letter.Key, value, [new(ReplayIdentity.Header, Encoding.ASCII.GetBytes(id))]);
        }

        var acknowledged = await sent.WaitAsync();
        _acknowledged += acknowledged.Count;
        return Mark(acknowledged) && !sent.IsHopeless && !stopping.IsCancellationRequested;
    }

    private bool Mark(List<long> acknowledged)
    {
        try
        {
            letters.MarkReplayed(acknowledged, UtcTimestamp.Format(time.GetUtcNow()));
            return true;
        }
        catch (EventStoreException exception)
        {
            errors.WriteLine(Invariant(
                $"{acknowledged.Count} letters were acknowledged but cannot be marked as replayed, which makes no second row if it is repeated. {exception.Message}"));
            return false;
        }
    }

    private static string Describe(StoredDeadLetter letter, string topic, string id, byte[]? value)
    {
        var before = letter.ReplayedAt is { } replayedAt ? $", replayed before at {SafeText.OneLine(replayedAt, 32)}" : "";
        return Invariant(
            $"{letter.Id}: from {SafeText.OneLine(letter.Topic, 249)}, partition {letter.Partition}, offset {letter.Offset}{before}; to {topic} as {id}, {SentRecords<long>.Describe(value)}");
    }
}
