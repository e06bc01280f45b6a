using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SimpleTime.Functions.Requests;

/// <summary>Addresses as text, in one canonical form.</summary>
internal static class AddressText
{
    private static readonly SearchValues<char> _ipv6 = SearchValues.Create("0123456789abcdefABCDEF:.");
    private static readonly SearchValues<char> _zone =
        SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~%");

    /// <summary>
    /// Returns the address without port, brackets and zone: IPv4 as four decimal parts, also where it was mapped into IPv6,
    /// and IPv6 in lower case with its longest run of zeros left out (RFC 5952). Null for anything else.
    /// </summary>
    /// <param name="text">One entry of a header, without white space around it.</param>
    public static string? Parse(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return null;
        }

        if (text[0] == '[')
        {
            var end = text.IndexOf(']');
            return end > 0 && (end == text.Length - 1 || IsPort(text[(end + 1)..])) ? ParseIPv6(text[1..end]) : null;
        }

        var colon = text.IndexOf(':');
        if (colon < 0)
        {
            return IsIPv4(text) ? text.ToString() : null;
        }

        if (text[(colon + 1)..].Contains(':'))
        {
            return ParseIPv6(text);
        }

        return IsIPv4(text[..colon]) && IsPort(text[colon..]) ? text[..colon].ToString() : null;
    }

    /// <summary>Returns the address in the same form, of text that has nothing but an address; null for anything else.</summary>
    /// <param name="text">A setting.</param>
    public static string? ParseAlone(string text) =>
        text.StartsWith('[') || (text.Contains('.') && text.AsSpan().Count(':') == 1) ? null : Parse(text);

    /// <summary>Returns the address in the same form; null for none.</summary>
    /// <param name="address">The address of a connection or a network.</param>
    public static string? Of(IPAddress? address) => address switch
    {
        null => null,
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } => new IPAddress(address.GetAddressBytes()).ToString(),
        _ => address.ToString(),
    };

    private static string? ParseIPv6(ReadOnlySpan<char> text)
    {
        var percent = text.IndexOf('%');
        if (percent >= 0)
        {
            var zone = text[(percent + 1)..];
            if (zone.IsEmpty || zone.ContainsAnyExcept(_zone))
            {
                return null;
            }

            text = text[..percent];
        }

        // The framework's parser takes more than addresses: prefixes, ports, and octal parts in a dotted tail.
        if (text.Length > "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".Length ||
            text.ContainsAnyExcept(_ipv6) ||
            (text.Contains('.') && !IsIPv4(text[(text.LastIndexOf(':') + 1)..])))
        {
            return null;
        }

        return IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? Of(address) : null;
    }

    /// <summary>Four decimal parts. A leading zero is refused: some read it as octal.</summary>
    private static bool IsIPv4(ReadOnlySpan<char> text)
    {
        if (text.Length is < 7 or > 15)
        {
            return false;
        }

        var parts = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (++parts > 4 || part.Length is 0 or > 3 || part.ContainsAnyExceptInRange('0', '9') ||
                (part.Length > 1 && part[0] == '0') ||
                !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                return false;
            }
        }

        return parts == 4;
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.Length is > 1 and <= 6 && text[0] == ':' &&
        ushort.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
