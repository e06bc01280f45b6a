using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>Reads the files that the security settings name. A problem names the setting and the file, never its content.</summary>
internal static class SecurityFiles
{
    // Twice the bundle of a distribution.
    private const int MaxAuthorityBytes = 1 << 20;

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

        if (SettingFile.ReadBytes(setting, path, MaxAuthorityBytes, out var bytes) is { } problem)
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
}
