using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace SimpleTime.Functions.Requests;

/// <summary>The addresses that a request says it came through. The client's word: for show, never for a decision.</summary>
internal static class ForwardedAddresses
{
    /// <summary>The most addresses to keep.</summary>
    public const int Max = 32;

    /// <summary>The addresses of all <c>X-Forwarded-For</c> lines in order; what is not an address is left out.</summary>
    /// <param name="request">The request.</param>
    public static string[] Of(HttpRequest request) => Parse(request.Headers["X-Forwarded-For"]);

    /// <summary>The addresses of the lines, in order.</summary>
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
}
