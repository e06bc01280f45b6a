using System.Globalization;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Replay;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Refused;

/// <summary>Sends messages that Kafka refused for good again, and removes those that it acknowledges. Used by one thread.</summary>
/// <param name="messages">The messages.</param>
/// <param name="publisher">Sends them.</param>
/// <param name="output">Gets a line for each message that is listed or sent, and one for the end.</param>
/// <param name="errors">Gets a line for each message that is not acknowledged, and for each file that is left or damaged.</param>
internal sealed class RefusedReplay(IRefusedMessages messages, IEventPublisher publisher, TextWriter output, TextWriter errors)
{
    // What the publisher sends to.
    private const string BrokerSetting = "KAFKA_BROKERS";
    private const int MaxNameLength = 249;
    private const int MaxReasonLength = 256;
    private const int MaxLineLength = 512;

    private bool _hasProblem;
    private long _asked;
    private long _tried;
    private long _acknowledged;

    /// <summary>Lists or sends messages.</summary>
    /// <param name="options">Which messages, and where to.</param>
    /// <param name="stopping">Ends it early; what was acknowledged by then is removed.</param>
    /// <returns>One of <see cref="ReplayExitCode"/>; that of a list is 0 when every file could be read.</returns>
    public async Task<int> RunAsync(ReplayOptions options, CancellationToken stopping)
    {
        IReadOnlyList<string>? files;
        try
        {
            files = await FindAsync(options, messages.FindFiles(), stopping);
        }
        catch (Exception exception) when (IsFileError(exception))
        {
            errors.WriteLine(SafeText.OneLine(exception.Message, MaxLineLength));
            return ReplayExitCode.WrongRequest;
        }

        if (files is null)
        {
            return ReplayExitCode.WrongRequest;
        }

        if (options.IsList)
        {
            output.WriteLine(Invariant($"There are {_asked} refused messages."));
            return _hasProblem ? ReplayExitCode.NotAllAcknowledged : ReplayExitCode.AllAcknowledged;
        }

        var isThrough = await SendAsync(options, files, stopping);
        if (_asked > 0)
        {
            output.WriteLine(Invariant($"Kafka acknowledged {_acknowledged} of {_asked} refused messages."));
        }
        else if (!_hasProblem && isThrough)
        {
            output.WriteLine("There are no refused messages to replay.");
        }

        return isThrough && !_hasProblem && _acknowledged == _asked ? ReplayExitCode.AllAcknowledged : ReplayExitCode.NotAllAcknowledged;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static bool IsFileError(Exception exception) => exception is IOException or UnauthorizedAccessException;

    private static string Describe(StoredMessage message) => Invariant(
        $"{message.Id}: for {SafeText.OneLine(message.Topic, MaxNameLength)}, accepted at {UtcTimestamp.Format(message.AcceptedAt)}, refused because: {SafeText.OneLine(message.Reason, MaxReasonLength)}; {SentRecords<StoredMessage>.Describe(message.Value)}");

    /// <summary>Counts what is asked for, and shows it where it is to be listed.</summary>
    /// <returns>The files that have some of it; null when an id was not found, which is told.</returns>
    private async Task<IReadOnlyList<string>?> FindAsync(ReplayOptions options, IReadOnlyList<string> files, CancellationToken stopping)
    {
        List<string> found = [];
        List<string> problems = [];
        var missing = options.Ids?.ToHashSet() ?? [];
        foreach (var path in files)
        {
            var before = _asked;
            await VisitAsync(path, isSaved: false, problems.Add, (_, chunk) =>
            {
                foreach (var message in chunk.Where(message => IsWanted(options, message)))
                {
                    _asked++;
                    missing.Remove(message.Id);
                    if (options.IsList)
                    {
                        output.WriteLine(Describe(message));
                    }
                }

                return Task.FromResult(!stopping.IsCancellationRequested);
            });
            if (options.Ids is null || _asked > before)
            {
                found.Add(path);
            }
        }

        if (options.IsList || missing.Count > 0)
        {
            problems.ForEach(Tell);
        }

        if (missing.Count > 0)
        {
            errors.WriteLine(Invariant($"There is no refused message with the id {missing.Min()}. Nothing was sent."));
            return null;
        }

        return found;
    }

    private async Task<bool> SendAsync(ReplayOptions options, IReadOnlyList<string> files, CancellationToken stopping)
    {
        foreach (var path in files)
        {
            if (!await VisitAsync(path, isSaved: true, Tell, (file, chunk) => SendAsync(options, file, chunk, stopping)))
            {
                return false;
            }
        }

        // Another command may have sent some meanwhile.
        _asked = options.Ids is null ? _tried : _asked;
        return true;
    }

    private async Task<bool> SendAsync(ReplayOptions options, IRefusedFile file, IReadOnlyList<StoredMessage> chunk, CancellationToken stopping)
    {
        var sent = new SentRecords<StoredMessage>(publisher, errors, stopping);
        foreach (var message in chunk.Where(message => IsWanted(options, message)))
        {
            _tried++;
            var topic = options.Topic ?? message.Topic;
            if (message.BrokerSetting != BrokerSetting)
            {
                errors.WriteLine(Invariant(
                    $"{message.Id}: not sent. It is for the brokers of {SafeText.OneLine(message.BrokerSetting, MaxNameLength)}, and only those of {BrokerSetting} are sent to."));
            }
            else if (!ReplayOptions.IsTopic(topic))
            {
                errors.WriteLine(Invariant($"{message.Id}: not sent. \"{SafeText.OneLine(topic, MaxNameLength)}\" cannot be the name of a topic."));
            }
            else
            {
                output.WriteLine((options.Topic is null ? "" : $"To {topic}, ") + Describe(message));
                sent.Send(message, message.Id, topic, null, message.Value, message.Headers);
            }
        }

        var acknowledged = await sent.WaitAsync();
        acknowledged.ForEach(file.Remove);
        _acknowledged += acknowledged.Count;
        return !sent.IsHopeless && !stopping.IsCancellationRequested;
    }

    private static bool IsWanted(ReplayOptions options, StoredMessage message) => options.Ids?.Contains(message.Id) != false;

    /// <summary>Visits the messages of a file, unless somebody else has it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isSaved">Whether what the visit removed is removed durably.</param>
    /// <param name="tell">Gets a line when not all of the file could be visited, or saved.</param>
    /// <param name="visit">Gets some of its messages at a time, and returns whether there is sense in going on.</param>
    /// <returns>False when there is no sense in going on.</returns>
    private async Task<bool> VisitAsync(
        string path, bool isSaved, Action<string> tell, Func<IRefusedFile, IReadOnlyList<StoredMessage>, Task<bool>> visit)
    {
        var goesOn = true;
        var name = SafeText.OneLine(path, MaxLineLength);
        try
        {
            using var file = messages.TryOpen(path);
            if (file is null)
            {
                tell($"{name} is left, as a service that runs writes to it, or another command has it: a service closes it a minute after the last message.");
                return true;
            }

            var isKept = false;
            try
            {
                while (goesOn && file.Read() is { Count: > 0 } chunk)
                {
                    goesOn = await visit(file, chunk);
                }
            }
            finally
            {
                // Whatever ended the visit.
                isKept = isSaved && TrySave(file, name, tell);
            }

            TellState(file, name, isKept, tell);
        }
        catch (FileNotFoundException)
        {
            // Another command has just sent all of it.
        }
        catch (Exception exception) when (IsFileError(exception))
        {
            tell($"{name} cannot be read, and is left: {SafeText.OneLine(exception.Message, MaxLineLength)}");
        }

        return goesOn;
    }

    private static bool TrySave(IRefusedFile file, string name, Action<string> tell)
    {
        try
        {
            file.Save();
            return true;
        }
        catch (Exception exception) when (IsFileError(exception))
        {
            tell($"{name} cannot be changed, so that what was acknowledged is sent again the next time, which makes no second row: {SafeText.OneLine(exception.Message, MaxLineLength)}");
            return false;
        }
    }

    private static void TellState(IRefusedFile file, string name, bool isKept, Action<string> tell)
    {
        if (file.IsUnknown)
        {
            tell($"{name} is of another version, and left.");
        }
        else if (file.IsDamaged)
        {
            tell(Invariant($"{name} is damaged: {file.Missing} messages of it are missing.{(isKept ? " It is kept as *.damaged." : "")}"));
        }
    }

    private void Tell(string line)
    {
        _hasProblem = true;
        errors.WriteLine(line);
    }
}
