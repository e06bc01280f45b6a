using Microsoft.Data.Sqlite;

namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>The inserts of one connection. Used by one thread at a time.</summary>
internal sealed class SqliteInserts(SqliteConnection connection) : IDisposable
{
    private readonly SqliteInsert _httpRequest = new(
        connection, SqliteTable.HttpRequests, "user_ip", "method", "endpoint", "hostname", "os", "timestamp", "event_id");

    private readonly SqliteInsert _httpResponse = new(
        connection, SqliteTable.HttpResponses, "user_ip", "status_code", "response_time_ms", "timestamp", "event_id", "request_id");

    private readonly SqliteInsert _error = new(
        connection, SqliteTable.Errors, "error_message", "error_type", "endpoint", "timestamp", "event_id");

    private readonly SqliteInsert _customEvent = new(
        connection, SqliteTable.CustomEvents, "event_type", "data", "timestamp", "event_id");

    private readonly SqliteInsert _deadLetter = new(
        connection,
        SqliteTable.DeadLetters,
        "topic", "partition", "\"offset\"", "key", "payload", "payload_bytes", "reason", "timestamp", "event_id");

    /// <summary>Inserts the records, and counts what became of them.</summary>
    public PersistSummary Run(SqliteTransaction transaction, IReadOnlyList<StoredRecord> batch)
    {
        int requests = 0, responses = 0, errors = 0, customEvents = 0, deadLetters = 0;
        foreach (var record in batch)
        {
            switch (record)
            {
                case HttpRequestRow row:
                    requests += Count(row, _httpRequest.Run(
                        transaction, row.UserIp, row.Method, row.Endpoint, row.Hostname, row.Os, row.Timestamp, row.EventId));
                    break;
                case HttpResponseRow row:
                    responses += Count(row, _httpResponse.Run(
                        transaction, row.UserIp, row.StatusCode, row.ResponseTimeMs, row.Timestamp, row.EventId, row.RequestId));
                    break;
                case ErrorRow row:
                    errors += Count(row, _error.Run(
                        transaction, row.ErrorMessage, row.ErrorType, row.Endpoint, row.Timestamp, row.EventId));
                    break;
                case CustomEventRow row:
                    customEvents += Count(row, _customEvent.Run(transaction, row.EventType, row.Data, row.Timestamp, row.EventId));
                    break;
                case DeadLetter letter:
                    deadLetters += Count(letter, _deadLetter.Run(
                        transaction,
                        letter.Topic,
                        letter.Partition,
                        letter.Offset,
                        letter.Key?.ToArray(),
                        letter.Payload?.ToArray(),
                        letter.PayloadBytes,
                        letter.Reason,
                        letter.Timestamp,
                        letter.EventId));
                    break;
                default:
                    throw new ArgumentException($"No table for {record.GetType().Name}.", nameof(batch));
            }
        }

        return new PersistSummary
        {
            HttpRequests = requests,
            HttpResponses = responses,
            Errors = errors,
            CustomEvents = customEvents,
            DeadLetters = deadLetters,
            Duplicates = batch.Count - requests - responses - errors - customEvents - deadLetters,
        };
    }

    public void Dispose()
    {
        _httpRequest.Dispose();
        _httpResponse.Dispose();
        _error.Dispose();
        _customEvent.Dispose();
        _deadLetter.Dispose();
    }

    private static int Count(StoredRecord record, bool inserted)
    {
        StoreSpan.Tell(record, inserted);
        return inserted ? 1 : 0;
    }
}
