using System.Text;

namespace SimpleTime.Functions.Worker.Settings;

/// <summary>Reads files that settings name. A problem names the setting and the file, never its content.</summary>
internal static class SettingFile
{
    private const int MaxSecretBytes = 4096;

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a password or key of at most 4 KiB; one line break at its end is not part of it.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? ReadSecret(string setting, string path, out string? secret)
    {
        secret = null;
        if (ReadBytes(setting, path, MaxSecretBytes, out var bytes) is { } problem)
        {
            return problem;
        }

        try
        {
            secret = _strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return $"The file of the setting {setting}, {path}, is not UTF-8.";
        }

        secret = secret.EndsWith("\r\n", StringComparison.Ordinal) ? secret[..^2] : secret.EndsWith('\n') ? secret[..^1] : secret;
        return secret.Length == 0 ? $"The file of the setting {setting}, {path}, is empty."
            : secret.Contains('\0', StringComparison.Ordinal) ? $"The file of the setting {setting}, {path}, is not text."
            : null;
    }

    /// <summary>Reads a file of at most so many bytes.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? ReadBytes(string setting, string path, int maxBytes, out byte[] bytes)
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
