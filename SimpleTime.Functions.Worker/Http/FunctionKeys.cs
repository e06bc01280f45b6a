using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Http;

/// <summary>Decides whether a request may call a function that needs a key. Safe for use by several threads.</summary>
internal sealed class FunctionKeys(HostSettings settings, IHostEnvironment environment)
{
    private const string HeaderName = "x-functions-key";
    private const string QueryName = "code";

    // Hashes make the comparison's time independent of a key's length too.
    private readonly byte[][] _keyHashes = [.. settings.FunctionKeys.Select(key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];
    private readonly bool _isDevelopment = environment.IsDevelopment();

    public bool Allow(HttpContext http)
    {
        if (_keyHashes.Length == 0)
        {
            return _isDevelopment && IsDeveloper(http);
        }

        var request = http.Request;
        return IsKey(request.Headers[HeaderName]) || IsKey(request.Query[QueryName]);
    }

    private bool IsKey(string? candidate)
    {
        if (string.IsNullOrEmpty(candidate))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(candidate), hash);
        var found = false;
        foreach (var key in _keyHashes)
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
