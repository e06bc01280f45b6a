namespace SimpleTime.Functions.Refused;

/// <summary>A file of messages that Kafka refused for good, which nobody else has open. Members block. Used by one thread.</summary>
internal interface IRefusedFile : IDisposable
{
    /// <summary>Gets how many messages were found to be missing so far.</summary>
    long Missing { get; }

    /// <summary>Gets whether damaged places were found so far.</summary>
    bool IsDamaged { get; }

    /// <summary>Gets whether the file, or a message in it, was found to be of another version, which cannot be read.</summary>
    bool IsUnknown { get; }

    /// <summary>Reads the next messages, some MiB of them at the most.</summary>
    /// <returns>None at the end.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    IReadOnlyList<StoredMessage> Read();

    /// <summary>Notes that a message is not needed any more; <see cref="Save"/> removes it.</summary>
    /// <param name="message">One of those that <see cref="Read"/> returned last.</param>
    void Remove(StoredMessage message);

    /// <summary>
    /// Removes the messages durably: deletes the file, after the rest was written to a new one. A damaged file is renamed in place of being
    /// deleted, one of another version stays. When it throws, all messages are kept, the removed ones perhaps too.
    /// </summary>
    /// <exception cref="IOException">The disk fails.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    void Save();
}
