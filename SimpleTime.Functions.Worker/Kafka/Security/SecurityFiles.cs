using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>Reads the files that the security settings name. A problem names the setting and the file, never its content.</summary>
internal static class SecurityFiles
{
    // Twice the bundle of a distribution.
    private const int MaxBytes = 1 << 20;

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

        X509Certificate2Collection certificates = [];
        var problem = ReadText(setting, path, out var text) ?? ReadCertificates(setting, path, text, out certificates);
        Dispose(certificates);
        return problem;
    }

    /// <summary>Reads a file of certificates or keys (PEM), at most 1 MiB.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? ReadText(string setting, string path, out string text)
    {
        var problem = SettingFile.ReadBytes(setting, path, MaxBytes, out var bytes);
        text = Encoding.Latin1.GetString(bytes);
        return problem;
    }

    /// <summary>Reads the certificates of a file's text (PEM), at least one.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? ReadCertificates(string setting, string path, string text, out X509Certificate2Collection certificates)
    {
        certificates = [];
        try
        {
            certificates.ImportFromPem(text);
            return certificates.Count > 0 ? null : $"The file of the setting {setting}, {path}, has no certificate in PEM format.";
        }
        catch (CryptographicException e)
        {
            return $"The file of the setting {setting}, {path}, has a certificate that cannot be read: {e.Message}";
        }
    }

    /// <summary>Disposes all certificates of a collection.</summary>
    public static void Dispose(X509Certificate2Collection certificates)
    {
        foreach (var certificate in certificates)
        {
            certificate.Dispose();
        }
    }
}
