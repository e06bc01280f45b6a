namespace SimpleTime.Functions.Persistence;

/// <summary>What a column of the record holds.</summary>
internal enum ColumnType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>An integer of 64 bits.</summary>
    Integer,

    /// <summary>A floating-point number of 64 bits.</summary>
    Real,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>A time.</summary>
    Time,
}
