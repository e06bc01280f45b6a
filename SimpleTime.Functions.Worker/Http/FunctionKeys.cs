using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace SimpleTime.Functions.Worker.Http;

/// <summary>Decides whether a request may call a function that needs a key. Safe for use by several threads.</summary>
internal sealed class FunctionKeys(ConfiguredKeys keys, IHostEnvironment environment)
{
    private const string HeaderName = "x-functions-key";
    private const string QueryName = "code";

    private readonly bool _isDevelopment = environment.IsDevelopment();

    /// <summary>Gets whether no request at all may call such a function, since there are no keys.</summary>
    public bool AllowNobody => keys.Hashes.Count == 0 && !_isDevelopment;

    public bool Allow(HttpContext http)
    {
        var hashes = keys.Hashes;
        if (hashes.Count == 0)
        {
            return _isDevelopment && IsDeveloper(http);
        }

        var request = http.Request;
        return IsKey(request.Headers[HeaderName], hashes) || IsKey(request.Query[QueryName], hashes);
    }

    private static bool IsKey(string? candidate, IReadOnlyList<byte[]> hashes)
    {
        if (string.IsNullOrEmpty(candidate))
        {
            return false;
        }

        var hash = ConfiguredKeys.Hash(candidate);
        var found = false;
        foreach (var key in hashes)
        {
            found |= CryptographicOperations.FixedTimeEquals(hash, key);
        }

        return found;
    }

    // Port-forwards and sidecars arrive as loopback too, and a web page can post to localhost: those say so by a header.
    private static bool IsDeveloper(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } address || !IPAddress.IsLoopback(address)
            || !string.Equals(http.Request.Host.Host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        foreach (var header in http.Request.Headers)
        {
            if (header.Key.StartsWith("X-Forwarded", StringComparison.OrdinalIgnoreCase)
                || header.Key.Equals("Forwarded", StringComparison.OrdinalIgnoreCase)
                || header.Key.Equals("X-Real-IP", StringComparison.OrdinalIgnoreCase)
                || header.Key.Equals("X-Original-For", StringComparison.OrdinalIgnoreCase)
                || header.Key.Equals("Via", StringComparison.OrdinalIgnoreCase)
                || header.Key.Equals("Origin", StringComparison.OrdinalIgnoreCase)
                || header.Key.StartsWith("Sec-Fetch-", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }
}
