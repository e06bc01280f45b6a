namespace SimpleTime.Functions.Refused;

/// <summary>Finds the files of messages that Kafka refused for good. Members block.</summary>
internal interface IRefusedMessages
{
    /// <summary>Finds the files.</summary>
    /// <returns>Their paths, oldest first.</returns>
    /// <exception cref="IOException">There is no folder where they should be, or it cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    IReadOnlyList<string> FindFiles();

    /// <summary>Opens a file, and keeps others from opening it until it is disposed of.</summary>
    /// <returns>Null when a service that runs still writes to it, or another command has it open.</returns>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    IRefusedFile? TryOpen(string path);
}
