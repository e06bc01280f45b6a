namespace SimpleTime.Functions.Persistence.Sqlite;

/// <summary>What became of a file's tables when it was opened.</summary>
internal enum SchemaChange
{
    /// <summary>They were up to date.</summary>
    None = 0,

    /// <summary>There were none.</summary>
    Created = 1,

    /// <summary>They were the original service's.</summary>
    Upgraded = 2,
}
