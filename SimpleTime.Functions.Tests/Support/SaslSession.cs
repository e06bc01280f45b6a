using System.Security.Cryptography;
using System.Text;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>The server's side of one authentication: PLAIN (RFC 4616), SCRAM (RFC 5802) and OAUTHBEARER (RFC 7628).</summary>
internal sealed class SaslSession(string mechanism, string username, string password, Func<string, bool> isToken)
{
    private const int Iterations = 4096;
    private const string Bearer = "n,,\u0001auth=Bearer ";

    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(16);
    private string? _clientFirst;
    private string _serverFirst = "";

    /// <summary>Whether the client is who it says.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Answers a message of the client; null refuses it.</summary>
    public byte[]? Answer(byte[] message)
    {
        var text = Encoding.UTF8.GetString(message);
        return mechanism switch
        {
            "PLAIN" => Done(text == $"\0{username}\0{password}"),
            "OAUTHBEARER" => Done(text.StartsWith(Bearer, StringComparison.Ordinal) && isToken(text[Bearer.Length..text.IndexOf('\u0001', Bearer.Length)])),
            "SCRAM-SHA-256" => Scram(text, HashAlgorithmName.SHA256),
            "SCRAM-SHA-512" => Scram(text, HashAlgorithmName.SHA512),
            _ => null,
        };
    }

    private byte[]? Done(bool isRight)
    {
        IsDone = isRight;
        return isRight ? [] : null;
    }

    private byte[]? Scram(string text, HashAlgorithmName hash)
    {
        if (_clientFirst is null)
        {
            _clientFirst = text["n,,".Length..];
            var nonce = _clientFirst[(_clientFirst.IndexOf(",r=", StringComparison.Ordinal) + 3)..];
            _serverFirst = $"r={nonce}{Guid.NewGuid():N},s={Convert.ToBase64String(_salt)},i={Iterations}";
            return _clientFirst.StartsWith($"n={username},r=", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(_serverFirst) : null;
        }

        var proofAt = text.LastIndexOf(",p=", StringComparison.Ordinal);
        var signed = Encoding.UTF8.GetBytes($"{_clientFirst},{_serverFirst},{text[..proofAt]}");
        var length = hash == HashAlgorithmName.SHA256 ? 32 : 64;
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, _salt, Iterations, hash, length);
        var clientKey = CryptographicOperations.HmacData(hash, salted, "Client Key"u8);
        var signature = CryptographicOperations.HmacData(hash, CryptographicOperations.HashData(hash, clientKey), signed);
        var proof = Convert.FromBase64String(text[(proofAt + 3)..]);
        for (var i = 0; i < length; i++)
        {
            signature[i] ^= clientKey[i];
        }

        var serverKey = CryptographicOperations.HmacData(hash, salted, "Server Key"u8);
        return Done(proof.AsSpan().SequenceEqual(signature)) is null
            ? null
            : Encoding.UTF8.GetBytes($"v={Convert.ToBase64String(CryptographicOperations.HmacData(hash, serverKey, signed))}");
    }
}
