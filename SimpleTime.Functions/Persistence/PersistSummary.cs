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
}
