using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace SimpleTime.Functions.Requests;

/// <summary>The addresses that a request says it came through. The client's word: for show, never for a decision.</summary>
internal static class ForwardedAddresses
{
    /// <summary>The most addresses to keep.</summary>
    public const int Max = 32;

    /// <summary>
    /// Returns the addresses of all <c>X-Forwarded-For</c> lines in order, without such a line those of <c>Forwarded</c> (RFC 7239). What
    /// is not an address is left out.
    /// </summary>
    /// <param name="headers">The headers of the request.</param>
    public static string[] Of(IHeaderDictionary headers) =>
        headers.TryGetValue("X-Forwarded-For", out var addresses) ? Parse(addresses) : ParseForwarded(headers["Forwarded"]);

    /// <summary>Returns the addresses of <c>X-Forwarded-For</c> lines, in order.</summary>
    /// <param name="lines">The header's lines, each a list separated by commas.</param>
    public static string[] Parse(StringValues lines)
    {
        if (lines.Count == 0)
        {
            return [];
        }

        List<string> addresses = [];
        foreach (var line in lines)
        {
            var text = line.AsSpan();
            foreach (var range in text.Split(','))
            {
                if (AddressText.Parse(text[range].Trim(" \t")) is not { } address)
                {
                    continue;
                }

                addresses.Add(address);
                if (addresses.Count == Max)
                {
                    return [.. addresses];
                }
            }
        }

        return [.. addresses];
    }

    /// <summary>Returns the addresses of the <c>for</c> parameters of <c>Forwarded</c> lines, in order.</summary>
    /// <param name="lines">The header's lines.</param>
    public static string[] ParseForwarded(StringValues lines)
    {
        List<string> addresses = [];
        foreach (var line in lines)
        {
            var elements = new ForwardedElements(line);
            while (addresses.Count < Max && elements.TryReadFor(out var node))
            {
                if (AddressText.Parse(WithoutHiddenPort(node)) is { } address)
                {
                    addresses.Add(address);
                }
            }
        }

        return [.. addresses];
    }

    // An obfuscated port begins with an underscore (RFC 7239, section 6).
    private static ReadOnlySpan<char> WithoutHiddenPort(ReadOnlySpan<char> node)
    {
        var port = node.LastIndexOf(":_");
        return port < 0 || node[(port + 1)..].ContainsAny(":[]") ? node : node[..port];
    }
}
