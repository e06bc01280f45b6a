using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Http;

/// <summary>
/// What host.json's <c>customHeaders</c> and <c>hsts</c> give every answer. A header that a function sets itself goes before. Immutable.
/// </summary>
internal sealed class ResponseHeaders
{
    private const string Section = $"{SettingsFiles.HostSection}:extensions:http";
    private const string CustomHeaders = $"{Section}:customHeaders";
    private const string Hsts = $"{Section}:hsts";

    private static readonly SearchValues<char> _nameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // They belong to the connection or to the body, and are the server's.
    private static readonly string[] _ofServer =
    [
        HeaderNames.Connection, HeaderNames.ContentEncoding, HeaderNames.ContentLength, HeaderNames.ContentType, HeaderNames.Date, HeaderNames.KeepAlive,
        HeaderNames.TE, HeaderNames.Trailer, HeaderNames.TransferEncoding, HeaderNames.Upgrade,
    ];

    private readonly List<KeyValuePair<string, StringValues>> _headers = [];
    private IReadOnlyList<string> _hostsWithoutTls = [];
    private string? _strictTransportSecurity;

    private ResponseHeaders()
    {
    }

    /// <summary>Gets whether there are none.</summary>
    public bool IsEmpty => _headers.Count == 0 && _strictTransportSecurity is null;

    public static ResponseHeaders Read(SettingReader settings)
    {
        var headers = new ResponseHeaders();
        foreach (var (name, value) in settings.Map(CustomHeaders))
        {
            if (name.AsSpan().ContainsAnyExcept(_nameCharacters) || value.AsSpan().ContainsAnyExceptInRange(' ', '~') || value.Length == 0)
            {
                settings.Ignore($"{CustomHeaders}:{name}", "no header has such a name or value");
            }
            else if (_ofServer.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                settings.Ignore($"{CustomHeaders}:{name}", "it is the server's");
            }
            else
            {
                headers._headers.Add(new(name, value));
            }
        }

        settings.RefuseUnknown(Hsts, "isEnabled", "maxAge", "includeSubDomains", "preload", "excludedHosts");
        if (settings.Bool($"{Hsts}:isEnabled", false))
        {
            // The framework's default.
            var maxAge = settings.Time($"{Hsts}:maxAge", TimeSpan.FromDays(30), TimeSpan.Zero);
            headers._strictTransportSecurity = string.Create(CultureInfo.InvariantCulture, $"max-age={(long)maxAge.TotalSeconds}")
                + (settings.Bool($"{Hsts}:includeSubDomains", false) ? "; includeSubDomains" : "")
                + (settings.Bool($"{Hsts}:preload", false) ? "; preload" : "");
            headers._hostsWithoutTls = ["localhost", "127.0.0.1", "[::1]", .. settings.List($"{Hsts}:excludedHosts")];
        }

        return headers;
    }

    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        // What answers a failure clears the headers before.
        http.Response.OnStarting(() =>
        {
            Add(http);
            return Task.CompletedTask;
        });
        return next(http);
    }

    private void Add(HttpContext http)
    {
        foreach (var (name, value) in _headers)
        {
            http.Response.Headers.TryAdd(name, value);
        }

        if (_strictTransportSecurity is not null && IsSecure(http.Request) && !_hostsWithoutTls.Contains(http.Request.Host.Host, StringComparer.OrdinalIgnoreCase))
        {
            http.Response.Headers.TryAdd(HeaderNames.StrictTransportSecurity, _strictTransportSecurity);
        }
    }

    // TLS ends at the proxy. Whoever forges its header gets a promise for himself.
    private static bool IsSecure(HttpRequest request) =>
        request.IsHttps || string.Equals(request.Headers["X-Forwarded-Proto"].ToString().Split(',')[0].Trim(), Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);
}
