using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Persistence;

/// <summary>The store cannot keep events now.</summary>
public sealed class EventStoreException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The setting, what is wrong with it and what to do; cut at 512 characters.</param>
    /// <param name="innerException">What the store met.</param>
    internal EventStoreException(string message, Exception? innerException = null)
        : base(SafeText.OneLine(message, 512), innerException)
    {
    }
}
