namespace SimpleTime.Functions.Persistence;

/// <summary>What became of a batch.</summary>
public readonly record struct PersistSummary
{
    /// <summary>Rows written to <c>http_requests</c>.</summary>
    public int HttpRequests { get; init; }

    /// <summary>Rows written to <c>http_responses</c>.</summary>
    public int HttpResponses { get; init; }

    /// <summary>Rows written to <c>errors</c>.</summary>
    public int Errors { get; init; }

    /// <summary>Rows written to <c>custom_events</c>.</summary>
    public int CustomEvents { get; init; }

    /// <summary>Rows written to <c>dead_letters</c>.</summary>
    public int DeadLetters { get; init; }

    /// <summary>Records left out because they were stored already.</summary>
    public int Duplicates { get; init; }

    /// <summary>Returns this with a record counted.</summary>
    /// <param name="record">The record.</param>
    /// <param name="isNew">Whether it was written; false when it was stored already.</param>
    internal PersistSummary With(StoredRecord record, bool isNew) => record switch
    {
        _ when !isNew => this with { Duplicates = Duplicates + 1 },
        HttpRequestRow => this with { HttpRequests = HttpRequests + 1 },
        HttpResponseRow => this with { HttpResponses = HttpResponses + 1 },
        ErrorRow => this with { Errors = Errors + 1 },
        CustomEventRow => this with { CustomEvents = CustomEvents + 1 },
        DeadLetter => this with { DeadLetters = DeadLetters + 1 },
        _ => throw new ArgumentException($"Nothing counts a {record.GetType().Name}.", nameof(record)),
    };
}
