using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Settings;

namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>Tells how large the write-ahead log is: a gauge always, a line when it grows large and another when it no longer is. Used by one thread at a time.</summary>
internal sealed class WriteAheadLogSize(ServiceSettings settings, StoreMetrics metrics, ILogger logger)
{
    private bool _isLarge;

    /// <param name="bytes">The size of the log, in bytes.</param>
    /// <param name="largeBytes">Above what it counts as large, in bytes.</param>
    public void Tell(long bytes, long largeBytes)
    {
        metrics.LogSize(bytes);
        var isLarge = bytes > largeBytes;
        if (isLarge && !_isLarge)
        {
            StoreLog.LogIsLarge(logger, settings.DatabasePath, bytes >> 20);
        }
        else if (_isLarge && !isLarge)
        {
            StoreLog.LogIsSmall(logger, settings.DatabasePath, bytes >> 20);
        }

        _isLarge = isLarge;
    }
}
