using System.Security.Cryptography;
using System.Text;
using SimpleTime.Functions.Events;

namespace SimpleTime.Functions.Persistence;

/// <summary>The id under which a dead letter is replayed: the same each time, so that two replays make one row.</summary>
/// <remarks>
/// It is a UUID of version 8 (RFC 9562, 5.8 and B.2): the first 128 bits of the SHA-256 of a namespace of this service and the
/// dead letter's own <c>event_id</c>, which is its position in Kafka. A dead letter of a replay has such an id already, and
/// keeps it. It travels in a header of a name of its own, which no other producer sets by chance: the reader takes it for
/// records without an <c>event_id</c>, and for what is a dead letter again.
/// </remarks>
internal static class ReplayIdentity
{
    /// <summary>The header that carries the id, as 36 characters of ASCII.</summary>
    public const string Header = "simple-time-replay-id";

    private static readonly Guid _namespace = new("7b0e1e0c-7a5b-4c0e-9a55-0f3f4f6f2d11");

    /// <summary>Returns the id for a dead letter.</summary>
    /// <param name="eventId">The dead letter's <c>event_id</c>.</param>
    public static string Of(string eventId)
    {
        if (UuidText.TryRead(eventId, out var own))
        {
            return own;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData([.. _namespace.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(eventId)], hash);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString("D");
    }
}
