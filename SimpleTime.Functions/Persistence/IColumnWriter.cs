namespace SimpleTime.Functions.Persistence;

/// <summary>Takes the values of a row's columns, one after the other, in the order of its table. Used by one thread.</summary>
internal interface IColumnWriter
{
    /// <summary>Writes text, or a time; null for none.</summary>
    void Write(string? value);

    /// <summary>Writes an integer; null for none.</summary>
    void Write(long? value);

    /// <summary>Writes a number; null for none.</summary>
    void Write(double? value);

    /// <summary>Writes bytes; null for none.</summary>
    void Write(ReadOnlyMemory<byte>? value);
}
