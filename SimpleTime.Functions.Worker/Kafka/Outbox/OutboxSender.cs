using Confluent.Kafka;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// Hands messages to their clients: at once, on the thread that brings them, where nothing else waits for the destination; else from a
/// loop. Safe for use by several threads, except that one at a time calls <see cref="Run"/>.
/// </summary>
internal sealed class OutboxSender(OutboxMessages messages, Outbox outbox)
{
    /// <summary>Takes a message. Never blocks and never throws.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="value">The value, which must not change any more.</param>
    /// <param name="headers">The headers; null for none.</param>
    /// <returns>Whether it was accepted.</returns>
    public bool TryAccept(OutboxDestination destination, byte[] value, Headers? headers = null)
    {
        if (!outbox.TryAccept(destination, value, headers, out var ready))
        {
            return false;
        }

        if (ready is not null)
        {
            TrySend(ready);
        }

        return true;
    }

    /// <summary>Sends what waits and can be sent, and tells each topic's monitor whether messages are acknowledged.</summary>
    public void Run()
    {
        foreach (var destination in messages.GetDestinations())
        {
            var (needsSingle, writing) = outbox.Update(destination);
            destination.Monitor?.NoteWriting(writing);
            if (needsSingle)
            {
                destination.Producer.StartSingle();
            }

            while (outbox.Take(destination) is { } message && TrySend(message))
            {
            }
        }
    }

    private bool TrySend(OutboxMessage message)
    {
        // Read before somebody else can end it.
        var (client, window) = (message.Client, message.Window);
        if (client is null || window is null)
        {
            return true;
        }

        var refusal = client.TrySend(message.Destination.Topic, window.Id, message.Value, message.Headers, message.OnReport);
        if (refusal is null)
        {
            return true;
        }

        outbox.OnRefused(message, refusal);
        return false;
    }
}
