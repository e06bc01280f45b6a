using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SimpleTime.Functions.Persistence.Sqlite.Guard;

/// <summary>The first 100 bytes of a database (https://sqlite.org/fileformat2.html, 1.3). Immutable.</summary>
/// <remarks>
/// Every transaction of this service gives the file a new stamp, kept as <c>PRAGMA application_id</c>: half of it is a
/// hash of the stamp before, half is random. So the log of a file can be told from that of a backup or of another file,
/// which SQLite itself does not do (its change counter stands still in WAL mode). Transactions of others leave it as it is.
/// </remarks>
internal sealed class DatabaseHeader : IEquatable<DatabaseHeader>
{
    /// <summary>The size of a header in bytes.</summary>
    public const int Length = 100;

    private const int SchemaCookieOffset = 40;
    private const int StampOffset = 68;

    private readonly byte[] _bytes;

    /// <summary>Takes a copy of a header.</summary>
    /// <param name="bytes">The first <see cref="Length"/> bytes of a file.</param>
    public DatabaseHeader(ReadOnlySpan<byte> bytes) => _bytes = bytes[..Length].ToArray();

    /// <summary>Gets the stamp; 0 in a file that this service has not written to.</summary>
    public int Stamp => BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(StampOffset));

    // Only grows; VACUUM, with INTO too, adds one (src/vacuum.c), which tells its copies with their other pages apart.
    private uint SchemaCookie => BinaryPrimitives.ReadUInt32BigEndian(_bytes.AsSpan(SchemaCookieOffset));

    private bool IsDatabase => _bytes.AsSpan().StartsWith("SQLite format 3\0"u8);

    /// <summary>Returns a stamp that can follow another.</summary>
    /// <param name="stamp">The stamp of the transaction before.</param>
    public static int NextStamp(int stamp) => (Hash(stamp) << 16) | RandomNumberGenerator.GetInt32(1, 1 << 16);

    /// <summary>Returns whether a transaction upon this version can have made another.</summary>
    /// <param name="next">The header that the transaction wrote.</param>
    public bool CanPrecede(DatabaseHeader next) =>
        IsDatabase && SchemaCookie <= next.SchemaCookie && (next.Stamp == Stamp || (next.Stamp >>> 16) == Hash(Stamp));

    /// <inheritdoc/>
    public bool Equals(DatabaseHeader? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DatabaseHeader);

    /// <inheritdoc/>
    public override int GetHashCode() => Stamp;

    private static int Hash(int stamp) => (int)(unchecked((uint)stamp * 2654435761u) >> 16);
}
