using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>Reads the files that the security settings name. A problem names the setting and the file, never its content.</summary>
internal static class SecurityFiles
{
    private const int MaxPasswordBytes = 4096;

    // Twice the bundle of a distribution.
    private const int MaxAuthorityBytes = 1 << 20;

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a password; one line break at its end is not part of it.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? ReadPassword(string setting, string path, out string? password)
    {
        password = null;
        if (Read(setting, path, MaxPasswordBytes, out var bytes) is { } problem)
        {
            return problem;
        }

        try
        {
            password = _strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return $"The file of the setting {setting}, {path}, is not UTF-8.";
        }

        password = password.EndsWith("\r\n", StringComparison.Ordinal) ? password[..^2] : password.EndsWith('\n') ? password[..^1] : password;
        return password.Length == 0 ? $"The file of the setting {setting}, {path}, is empty."
            : password.Contains('\0', StringComparison.Ordinal) ? $"The file of the setting {setting}, {path}, is not text."
            : null;
    }

    /// <summary>Looks at a file of certificates (PEM), or at a folder of them as OpenSSL's <c>rehash</c> makes it.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? CheckAuthority(string setting, string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return Directory.EnumerateFileSystemEntries(path).Any() ? null : $"The folder of the setting {setting}, {path}, is empty.";
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The folder of the setting {setting}, {path}, cannot be read: {e.Message}";
        }

        if (Read(setting, path, MaxAuthorityBytes, out var bytes) is { } problem)
        {
            return problem;
        }

        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(Encoding.Latin1.GetString(bytes));
            var count = certificates.Count;
            foreach (var certificate in certificates)
            {
                certificate.Dispose();
            }

            return count > 0 ? null : $"The file of the setting {setting}, {path}, has no certificate in PEM format.";
        }
        catch (CryptographicException e)
        {
            return $"The file of the setting {setting}, {path}, has a certificate that cannot be read: {e.Message}";
        }
    }

    private static string? Read(string setting, string path, int maxBytes, out byte[] bytes)
    {
        bytes = [];
        try
        {
            using var file = File.OpenRead(path);
            var buffer = new byte[maxBytes + 1];
            var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            if (length > maxBytes)
            {
                return $"The file of the setting {setting}, {path}, has more than {maxBytes} bytes.";
            }

            bytes = buffer[..length];
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"The file of the setting {setting}, {path}, cannot be read: {e.Message}";
        }
    }
}
