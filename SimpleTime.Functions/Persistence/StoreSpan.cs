using System.Diagnostics;
using System.Globalization;
using SimpleTime.Functions.Diagnostics;

namespace SimpleTime.Functions.Persistence;

/// <summary>
/// What traces show of a store: the span of writing a batch, named and described as the semantic conventions of databases (1.44) have it, and
/// what became of each record.
/// </summary>
internal static class StoreSpan
{
    /// <summary>The attribute of a record's span that says what became of it: <c>stored</c>, <c>duplicate</c> or <c>dead_letter</c>.</summary>
    public const string Outcome = "simple_time.store.outcome";

    /// <summary>Starts the span of writing a batch.</summary>
    /// <param name="system">The database system.</param>
    /// <param name="database">The name of the database.</param>
    /// <param name="records">How many records there are.</param>
    /// <returns>Null when nobody wants it: no listener, or a batch that is not recorded.</returns>
    public static Activity? Start(string system, string database, int records)
    {
        if (Activity.Current is not { Recorded: true })
        {
            return null;
        }

        var operation = records == 1 ? "INSERT" : "BATCH INSERT";
        var span = Traces.Source.StartActivity($"{operation} {database}", ActivityKind.Client);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("db.system.name", system);
            span.SetTag("db.namespace", database);
            span.SetTag("db.operation.name", operation);
            if (records > 1)
            {
                span.SetTag("db.operation.batch.size", records);
            }
        }

        return span;
    }

    /// <summary>Marks the span as failed.</summary>
    /// <param name="span">The span; null for none.</param>
    /// <param name="exception">Why.</param>
    /// <param name="status">What the database calls it; null when it was not the database.</param>
    public static void Fail(Activity? span, Exception exception, int? status)
    {
        var code = status?.ToString(CultureInfo.InvariantCulture);
        span?.SetTag("db.response.status_code", code);
        Traces.Fail(span, code ?? exception.GetType().FullName, exception.Message);
    }

    /// <summary>Says on a record's span what became of it.</summary>
    /// <param name="record">The record.</param>
    /// <param name="isNew">Whether it was written; false when it was stored already.</param>
    public static void Tell(StoredRecord record, bool isNew) =>
        record.Span?.SetTag(Outcome, !isNew ? "duplicate" : record is DeadLetter ? "dead_letter" : "stored");
}
