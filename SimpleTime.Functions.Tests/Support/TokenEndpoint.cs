using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>
/// The token endpoint of an OpenID Connect provider, for the grant of client credentials (RFC 6749, section 4.4): its tokens are JWTs signed
/// with ES256. Safe for use by several threads.
/// </summary>
internal sealed class TokenEndpoint : IAsyncDisposable
{
    /// <summary>Who the tokens are for.</summary>
    public const string Audience = "kafka";

    private readonly WebApplication _app;
    private readonly string _clientId;
    private readonly TimeSpan _lifetime;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ConcurrentDictionary<string, string> _tokens = new();
    private volatile string _secret;
    private int _refusals;

    private TokenEndpoint(WebApplication app, string clientId, string secret, TimeSpan lifetime)
    {
        _app = app;
        _clientId = clientId;
        _secret = secret;
        _lifetime = lifetime;
    }

    /// <summary>The client's secret.</summary>
    public string Secret
    {
        get => _secret;
        set => _secret = value;
    }

    /// <summary>How many requests had another secret.</summary>
    public int Refusals => Volatile.Read(ref _refusals);

    /// <summary>The scopes that were asked for, by the tokens.</summary>
    public IReadOnlyDictionary<string, string> Tokens => _tokens;

    /// <summary>Its address.</summary>
    public string Url => $"{_app.Urls.First()}/token";

    /// <summary>The keys that tokens are signed with, as a JSON Web Key Set.</summary>
    public string Keys
    {
        get
        {
            var point = _key.ExportParameters(includePrivateParameters: false).Q;
            return $$"""{"keys":[{"kty":"EC","use":"sig","alg":"ES256","kid":"1","crv":"P-256","x":"{{Base64Url(point.X!)}}","y":"{{Base64Url(point.Y!)}}"}]}""";
        }
    }

    /// <summary>Starts an endpoint.</summary>
    /// <param name="clientId">The client's name, which is the subject of its tokens.</param>
    /// <param name="secret">The client's secret.</param>
    /// <param name="lifetime">How long a token is good.</param>
    public static async Task<TokenEndpoint> StartAsync(string clientId, string secret, TimeSpan lifetime)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var endpoint = new TokenEndpoint(builder.Build(), clientId, secret, lifetime);
        endpoint._app.Run(endpoint.AnswerAsync);
        await endpoint._app.StartAsync();
        return endpoint;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        var isClient = AuthenticationHeaderValue.TryParse(http.Request.Headers.Authorization, out var header) && header.Scheme == "Basic"
            && Encoding.UTF8.GetString(Convert.FromBase64String(header.Parameter!)) == $"{_clientId}:{_secret}";
        if (http.Request.Path != "/token" || form["grant_type"] != "client_credentials" || !isClient)
        {
            Interlocked.Increment(ref _refusals);
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await http.Response.WriteAsync("""{"error":"invalid_client"}""");
            return;
        }

        var now = DateTimeOffset.UtcNow;
        var claims = string.Create(CultureInfo.InvariantCulture,
            $$"""{"iss":"http://127.0.0.1","sub":"{{_clientId}}","aud":"{{Audience}}","iat":{{now.ToUnixTimeSeconds()}},"exp":{{(now + _lifetime).ToUnixTimeSeconds()}},"jti":"{{Guid.NewGuid()}}"}""");
        var signed = $"{Base64Url("""{"alg":"ES256","kid":"1"}"""u8)}.{Base64Url(Encoding.UTF8.GetBytes(claims))}";
        var token = $"{signed}.{Base64Url(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
        _tokens[token] = form["scope"].ToString();
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture,
            $$"""{"access_token":"{{token}}","token_type":"Bearer","expires_in":{{_lifetime.TotalSeconds}}}"""));
    }

    private static string Base64Url(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
