using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SimpleTime.Functions.Tests.Kafka.Security;

/// <summary>What a token for Amazon MSK holds, checked as the specification of Signature Version 4 says it.</summary>
internal sealed class PresignedUrl
{
    private const string DateFormat = "yyyyMMdd'T'HHmmss'Z'";

    private readonly Uri _url;
    private readonly Dictionary<string, string> _query;

    private PresignedUrl(Uri url)
    {
        _url = url;
        _query = url.Query[1..].Split('&').Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => Uri.UnescapeDataString(pair[0]), pair => Uri.UnescapeDataString(pair[1]), StringComparer.Ordinal);
    }

    public string Host => _url.Host;

    public string this[string name] => _query[name];

    public DateTimeOffset SignedAt =>
        DateTimeOffset.ParseExact(this["X-Amz-Date"], DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public static PresignedUrl Of(string token) => new(new Uri(Encoding.ASCII.GetString(Base64Url.DecodeFromChars(token))));

    /// <summary>Whether the signature is that of a secret key. The user agent is added after signing, as AWS's own signers do.</summary>
    public bool IsSignedWith(string secretKey)
    {
        var query = string.Join('&', _query.Where(p => p.Key is not ("X-Amz-Signature" or "User-Agent"))
            .Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}").Order(StringComparer.Ordinal));
        var empty = Convert.ToHexStringLower(SHA256.HashData([]));
        var canonical = $"GET\n{_url.AbsolutePath}\n{query}\nhost:{_url.Host}\n\nhost\n{empty}";
        var scope = this["X-Amz-Credential"].Split('/', 2)[1];
        var toSign = $"AWS4-HMAC-SHA256\n{this["X-Amz-Date"]}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = scope.Split('/').Aggregate(
            Encoding.UTF8.GetBytes("AWS4" + secretKey), (k, part) => HMACSHA256.HashData(k, Encoding.UTF8.GetBytes(part)));
        return this["X-Amz-Signature"] == Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
    }
}
