using SimpleTime.Functions.Diagnostics;

namespace SimpleTime.Functions.Replay;

/// <summary>Kafka did not take a record.</summary>
/// <param name="message">Why, in words for an operator; cut at 512 characters.</param>
/// <param name="innerException">What the client met.</param>
internal sealed class EventPublishException(string message, Exception? innerException = null)
    : Exception(SafeText.Bound(message, 512), innerException)
{
    /// <summary>Gets whether Kafka answered nothing in time, so that it will hardly take another record.</summary>
    public bool IsTimeout => InnerException is TimeoutException;
}
