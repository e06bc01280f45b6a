using System.Buffers;

namespace SimpleTime.Functions.Events;

/// <summary>The rules for <c>event_type</c>.</summary>
internal static class EventTypeName
{
    private const int MaxLength = 128;

    private static readonly SearchValues<char> _allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Returns whether it is 1 to 128 of <c>A-Za-z0-9._-</c>.</summary>
    public static bool IsValid(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaxLength && !name.ContainsAnyExcept(_allowed);

    /// <summary>Returns whether it is, but for case, dots, underscores and hyphens, the name of one of the service's own events.</summary>
    /// <param name="name">A valid name.</param>
    public static bool IsReserved(ReadOnlySpan<char> name)
    {
        Span<char> letters = stackalloc char[MaxLength];
        var length = 0;
        foreach (var c in name)
        {
            if (c is not ('.' or '_' or '-'))
            {
                letters[length++] = char.ToLowerInvariant(c);
            }
        }

        return letters[..length] is "httprequest" or "httpresponse" or "error";
    }
}
