using SimpleTime.Functions.Worker.Kafka.Spool;

namespace SimpleTime.Functions.Worker.Kafka.Output;

/// <summary>
/// Copies to the spool what Kafka has not acknowledged for a while, so that it outlives this process. Safe for use by several threads.
/// </summary>
internal sealed class Stragglers(PendingMessages pending, OutputSpool spool, TimeProvider time)
{
    // With the linger (50 ms) and the spool's own write this keeps what kill -9 may take below 200 ms.
    private static readonly TimeSpan _age = TimeSpan.FromMilliseconds(100);

    /// <summary>Copies those of an age, as far as there is room.</summary>
    /// <param name="age">The age; 100 ms when null.</param>
    public void Copy(TimeSpan? age)
    {
        var acceptedBefore = time.GetTimestamp() - (long)((age ?? _age).TotalSeconds * time.TimestampFrequency);
        while (spool.IsUsable && pending.NextStraggler(acceptedBefore) is { } message)
        {
            lock (message)
            {
                // What comes from the spool is there already; a copy of it would wait for ever.
                if (message.IsSpooled || !message.IsPending)
                {
                    continue;
                }

                var refusal = spool.Copy(message);
                message.IsSpooled = refusal == AppendRefusal.None;
                if (!message.IsSpooled && refusal != AppendRefusal.WrongSize)
                {
                    // There is no room now; it is the first again the next time.
                    pending.ReturnStraggler(message);
                    return;
                }
            }
        }
    }

    /// <summary>Takes back that messages are copied, since the disk did not take them.</summary>
    public void Uncopied(IReadOnlySet<long> sequences)
    {
        foreach (var message in pending.Find(sequences))
        {
            lock (message)
            {
                message.IsSpooled = false;
                pending.ReturnStraggler(message);
            }
        }
    }
}
