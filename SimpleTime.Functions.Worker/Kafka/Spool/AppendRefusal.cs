namespace SimpleTime.Functions.Worker.Kafka.Spool;

/// <summary>Why the spool did not take a record.</summary>
internal enum AppendRefusal
{
    /// <summary>It took the record.</summary>
    None,

    /// <summary>The folder cannot be used or written at the moment, or the spool is not running.</summary>
    Unusable,

    /// <summary>The bytes on disk and in the queue have reached <see cref="SpoolOptions.MaxBytes"/>.</summary>
    Full,

    /// <summary>The disk is slower than what comes: <see cref="SpoolOptions.QueueBytes"/> are waiting.</summary>
    QueueFull,

    /// <summary>The payload is empty or larger than <see cref="SpoolOptions.MaxRecordBytes"/>.</summary>
    WrongSize,
}
