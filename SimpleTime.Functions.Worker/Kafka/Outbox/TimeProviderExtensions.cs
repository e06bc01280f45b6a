namespace SimpleTime.Functions.Worker.Kafka.Outbox;

internal static class TimeProviderExtensions
{
    /// <summary>Returns the timestamp that comes so long after another.</summary>
    public static long Add(this TimeProvider time, long timestamp, TimeSpan span) =>
        timestamp + (long)(span.TotalSeconds * time.TimestampFrequency);
}
