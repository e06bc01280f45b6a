using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Status;

namespace SimpleTime.Functions.Worker.Kafka.Outbox;

/// <summary>
/// Takes messages, gives them to whoever sends them, and hears how that ended. Never blocks. Safe for use by several threads.
/// </summary>
internal sealed class Outbox(OutboxMessages messages, OutboxMetrics metrics, OutboxLines lines, TimeProvider time)
{
    // What a file takes.
    private const int MaxValueBytes = 3 << 20;

    private readonly OutboxSelection _selection = new(messages);

    /// <inheritdoc cref="OutboxMessages.Pending"/>
    public long Pending => messages.Pending;

    /// <inheritdoc cref="OutboxMessages.Lost"/>
    public long Lost => messages.Lost;

    public void Add(OutboxDestination destination)
    {
        lock (messages.Lock)
        {
            messages.Destinations.Add(destination);
        }
    }

    /// <summary>Accepts a message.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="value">The value, which must not change any more.</param>
    /// <param name="headers">The headers; null for none.</param>
    /// <param name="ready">The message to hand to its client at once; null when it has to wait.</param>
    /// <returns>False when there is no room for it, which is counted and told.</returns>
    public bool TryAccept(OutboxDestination destination, byte[] value, Headers? headers, out OutboxMessage? ready)
    {
        ready = null;
        var maxBytes = Math.Min(MaxValueBytes, destination.Producer.Profile.MaxMessageBytes);
        if (value.Length > maxBytes)
        {
            lines.Dropped($"it has more than {maxBytes} bytes", 1);
            return false;
        }

        var now = time.GetTimestamp();
        var message = new OutboxMessage(destination, value, headers, now);
        bool isAccepted;
        int dropped;
        lock (messages.Lock)
        {
            isAccepted = messages.TryAccept(message, out dropped);
            if (isAccepted && destination is { Fresh.Count: 1, Backlog.Count: 0, WantsProbe: false })
            {
                ready = _selection.TakeBatched(destination, now);
            }
        }

        if (isAccepted)
        {
            metrics.Accepted();
        }
        else
        {
            dropped = 1;
        }

        if (dropped > 0)
        {
            lines.NoRoom(dropped);
        }

        return isAccepted;
    }

    /// <summary>Takes the next message of a destination to be sent.</summary>
    /// <returns>Null when none can be sent now.</returns>
    public OutboxMessage? Take(OutboxDestination destination)
    {
        var now = time.GetTimestamp();
        lock (messages.Lock)
        {
            return _selection.TakeProbe(destination, now) ?? _selection.TakeSuspect(destination, now) ?? _selection.TakeBatched(destination, now);
        }
    }

    /// <summary>Notes which partitions of a destination have a leader, and which do not acknowledge.</summary>
    /// <returns>
    /// Whether messages have to be sent in batches of their own; why none is acknowledged, null while some are; and when one was last.
    /// </returns>
    public (bool NeedsSingle, TopicWriting Writing) Update(OutboxDestination destination)
    {
        var now = time.GetTimestamp();
        lock (messages.Lock)
        {
            destination.Update(now);
            var needsSingle = destination.Windows.NeedsSingle(now) || destination.Refusal is not null || destination.Suspects.Count + destination.Refused.Count > 0;
            var problem = destination.IsLate(now) ? destination.Refusal ?? "nothing that was sent is acknowledged" : null;
            return (needsSingle, new TopicWriting(problem, destination.AcknowledgedAt, destination.Windows.FindStuck()));
        }
    }

    /// <summary>Ends a message that its client is done with, or has it wait again.</summary>
    /// <param name="message">The message.</param>
    /// <param name="error">How its delivery ended.</param>
    public void OnReport(OutboxMessage message, Error error) => End(message, error, wasTaken: true);

    /// <summary>Has a message that its client did not take wait again.</summary>
    public void OnRefused(OutboxMessage message, Error error) => End(message, error, wasTaken: false);

    /// <summary>Has the messages of a client that has ended wait again.</summary>
    public void Requeue(ProducerClient client)
    {
        lock (messages.Lock)
        {
            foreach (var message in messages.Destinations.SelectMany(d => d.Sending).Where(message => message.Client == client).Reverse().ToArray())
            {
                message.Window!.Returned();
                OutboxMessages.Detach(message);
                messages.Wait(message, message.Destination.HomeOf(message), isFirst: true);
            }
        }
    }

    /// <summary>Begins a flush: what is accepted from now on is no part of it.</summary>
    /// <returns>What <see cref="CountNotDurable"/> needs.</returns>
    public long Mark()
    {
        lock (messages.Lock)
        {
            return messages.Durability.Mark();
        }
    }

    /// <summary>Returns how many messages that were accepted before a mark neither Kafka nor a file has.</summary>
    public long CountNotDurable(long mark = long.MaxValue)
    {
        lock (messages.Lock)
        {
            return messages.Durability.CountUpTo(mark);
        }
    }

    /// <summary>Returns whether a destination that takes messages has some, other than those that it refused.</summary>
    public bool CanSendMore()
    {
        lock (messages.Lock)
        {
            return messages.Destinations.Exists(d => d.IsOpen && d.Pending > d.Refused.Count);
        }
    }

    private void End(OutboxMessage message, Error error, bool wasTaken)
    {
        var now = time.GetTimestamp();
        var destination = message.Destination;
        ProducerClient? client;
        TimeSpan duration;
        lock (messages.Lock)
        {
            if (message.State != OutboxMessageState.Sending)
            {
                return;
            }

            duration = time.GetElapsedTime(message.SentAt, now);
            client = message.Client;
            if (error.IsError)
            {
                Fail(message, error, now);
            }
            else
            {
                message.Window!.Acknowledged(now);
                OutboxMessages.Detach(message);
                messages.End(message);
                destination.Acknowledged(now);
            }
        }

        if (wasTaken)
        {
            metrics.Sent(destination.Topic, duration, error.IsError ? error.Code : null);
        }

        if (!error.IsError)
        {
            client!.Worked();
        }
        else if (DeliveryErrors.Classify(error) is DeliveryFailure.Destination or DeliveryFailure.Record)
        {
            lines.Refused(destination, error.Reason);
        }
    }

    private void Fail(OutboxMessage message, Error error, long now)
    {
        var destination = message.Destination;
        var wasSingle = message.Client != destination.Producer.Main;
        if (error.Code == ErrorCode.Local_UnknownPartition)
        {
            message.Window!.Close(time, now);
        }

        message.Window!.Returned();
        OutboxMessages.Detach(message);
        metrics.Failed();
        switch (DeliveryErrors.Classify(error))
        {
            case DeliveryFailure.Passing:
                messages.Wait(message, destination.HomeOf(message), isFirst: true);
                break;
            case DeliveryFailure.Destination:
                messages.Wait(message, destination.HomeOf(message));
                destination.Refuse(error.Reason, now);
                break;
            case DeliveryFailure.TooLarge when wasSingle:
                message.RefusalReason = error.Reason;
                RefuseForGood(message);
                break;
            case DeliveryFailure.Record when wasSingle && destination.IsRefusedForGood(message, error.Reason, now):
                RefuseForGood(message);
                break;
            default:
                messages.Wait(message, wasSingle ? destination.Refused : destination.Suspects);
                break;
        }
    }

    private void RefuseForGood(OutboxMessage message)
    {
        messages.Wait(message, messages.RefusedForGood);
        message.Destination.RefusedForGood();
    }
}
