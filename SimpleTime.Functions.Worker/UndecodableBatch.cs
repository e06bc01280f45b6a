namespace SimpleTime.Functions.Worker;

/// <summary>Describes a batch of records that cannot be decoded: damaged on the disk of its broker, as a rule. Immutable.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="FirstOffset">The offset of the first record that was not read.</param>
/// <param name="LastOffset">The last offset that belongs to the batch.</param>
/// <param name="Reason">What the client says of it: one line of at most 512 characters.</param>
public sealed record UndecodableBatch(string Topic, int Partition, long FirstOffset, long LastOffset, string Reason);
