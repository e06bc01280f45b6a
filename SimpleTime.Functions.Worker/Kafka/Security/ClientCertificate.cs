using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Confluent.Kafka;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>
/// The certificate that clients show, with its key: the files of <c>KAFKA_SSL_CERTIFICATE_LOCATION</c> (and the certificates of its authorities
/// after it), <c>KAFKA_SSL_KEY_LOCATION</c> and, where that is encrypted, <c>KAFKA_SSL_KEY_PASSWORD_FILE</c>.
/// </summary>
/// <remarks>Clients get the texts and not the paths, so that they never take a certificate with the key of another, while both are renewed.</remarks>
internal sealed class ClientCertificate : CredentialFile
{
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string Ec = "1.2.840.10045.2.1";

    private readonly string _certificate;
    private readonly string _key;
    private readonly string? _password;

    private ClientCertificate(string certificate, string key, string? password)
        : base(KafkaSecurity.CertificateSetting, "certificate")
    {
        _certificate = certificate;
        _key = key;
        _password = password;
    }

    /// <summary>Reads the settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="usesTls">Whether clients connect with TLS.</param>
    /// <param name="problem">What does not fit together; null when nothing is wrong.</param>
    /// <returns>Null when clients have no certificate.</returns>
    public static ClientCertificate? Find(SettingReader settings, bool usesTls, out string? problem)
    {
        var certificate = settings.Text(KafkaSecurity.CertificateSetting);
        var key = settings.Text(KafkaSecurity.KeySetting);
        var password = settings.Text(KafkaSecurity.KeyPasswordFileSetting);
        var set = certificate is not null ? KafkaSecurity.CertificateSetting : key is not null ? KafkaSecurity.KeySetting : KafkaSecurity.KeyPasswordFileSetting;
        problem = (certificate ?? key ?? password) is null ? null
            : !usesTls ? $"The setting {set} needs {KafkaSecurity.ProtocolSetting} to be ssl or sasl_ssl."
            : certificate is null ? $"The setting {set} needs {KafkaSecurity.CertificateSetting} beside it."
            : key is null ? $"The setting {set} needs {KafkaSecurity.KeySetting} beside it."
            : null;
        return problem is null && certificate is not null ? new ClientCertificate(certificate, key!, password) : null;
    }

    /// <summary>Sets the properties of a client.</summary>
    public void ApplyTo(ClientConfig config)
    {
        if (Value is Content content)
        {
            config.SslCertificatePem = content.Certificates;
            config.SslKeyPem = content.Key;
        }
    }

    protected override string? Read(out object? value)
    {
        value = null;
        var key = "";
        string? password = null;
        var problem = SecurityFiles.ReadText(Setting, _certificate, out var certificate)
            ?? SecurityFiles.ReadText(KafkaSecurity.KeySetting, _key, out key)
            ?? (_password is null ? null : SettingFile.ReadSecret(KafkaSecurity.KeyPasswordFileSetting, _password, out password));
        if (problem is not null)
        {
            return problem;
        }

        // A password may take a second to become a key.
        var files = (certificate, key, password);
        if (Value is Content last && last.Files == files)
        {
            value = last;
            return null;
        }

        problem = SecurityFiles.ReadCertificates(Setting, _certificate, certificate, out var certificates);
        if (problem is null)
        {
            problem = ReadKey(certificates[0], key, password, out var plainKey);
            value = problem is null ? new Content(files, certificates.ExportCertificatePems(), plainKey!) : null;
        }

        SecurityFiles.Dispose(certificates);
        return problem;
    }

    private string? ReadKey(X509Certificate2 certificate, string text, string? password, out string? key)
    {
        key = null;
        var file = $"The file of the setting {KafkaSecurity.KeySetting}, {_key},";
        if (!text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return $"{file} has no private key in PEM format.";
        }

        if (text.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            return $"{file} is encrypted, but not as PKCS #8 (\"openssl pkcs8 -topk8\" makes that of it).";
        }

        var isEncrypted = text.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal);
        if (isEncrypted && password is null)
        {
            return $"{file} is encrypted, and {KafkaSecurity.KeyPasswordFileSetting} is missing.";
        }

        using AsymmetricAlgorithm? algorithm = certificate.PublicKey.Oid.Value switch
        {
            Rsa => RSA.Create(),
            Ec => ECDsa.Create(),
            _ => null,
        };
        if (algorithm is null)
        {
            return $"The certificate in the file of the setting {Setting}, {_certificate}, is neither for RSA nor for elliptic curves.";
        }

        try
        {
            if (isEncrypted)
            {
                algorithm.ImportFromEncryptedPem(text, password);
            }
            else
            {
                algorithm.ImportFromPem(text);
            }
        }
        catch (CryptographicException) when (isEncrypted)
        {
            return $"{file} is not opened by the password of {KafkaSecurity.KeyPasswordFileSetting}, or has another kind of key than the certificate.";
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return $"{file} has a key that cannot be read as one of the certificate's kind: {e.Message}";
        }

        if (!algorithm.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(certificate.PublicKey.ExportSubjectPublicKeyInfo()))
        {
            return $"{file} has another key than that of the certificate in the file of the setting {Setting}, {_certificate}.";
        }

        key = algorithm.ExportPkcs8PrivateKeyPem();
        return null;
    }

    /// <summary>What is in the files, and what clients get of it.</summary>
    private sealed record Content((string Certificate, string Key, string? Password) Files, string Certificates, string Key);
}
