namespace SimpleTime.Functions.Tests.Support;

/// <summary>A clock that goes on from any time that it is set to, as the system's does: what measures durations and timers does not notice.</summary>
internal sealed class MovableClock : TimeProvider
{
    private long _offset;

    /// <summary>Sets the clock.</summary>
    /// <param name="now">The time that it shows now.</param>
    public void Set(DateTimeOffset now) => Volatile.Write(ref _offset, now.UtcTicks - System.GetUtcNow().UtcTicks);

    public override DateTimeOffset GetUtcNow() => new(System.GetUtcNow().UtcTicks + Volatile.Read(ref _offset), TimeSpan.Zero);
}
