using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Security;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>A TLS connection to a broker that tells what is wrong with the broker's certificate. Used by one at a time.</summary>
internal sealed class BrokerTls : IAsyncDisposable
{
    // Names are the broker's word.
    private const int MaxName = 128;

    private readonly string _host;
    private readonly string? _caLocation;

    /// <param name="stream">The connection, which is closed with this.</param>
    /// <param name="host">The name that the certificate should have.</param>
    /// <param name="caLocation">The file or folder of trusted authorities; null for the system's.</param>
    public BrokerTls(Stream stream, string host, string? caLocation)
    {
        _host = host;
        _caLocation = caLocation;
        Stream = new SslStream(stream);
    }

    public SslStream Stream { get; }

    /// <summary>Gets what is wrong with the broker's certificate; null when nothing is, or it showed none yet.</summary>
    public string? Problem { get; private set; }

    /// <summary>Gets whether the broker asked for a certificate of the client.</summary>
    public bool IsCertificateWanted { get; private set; }

    public Task HandshakeAsync(CancellationToken cancellationToken) => Stream.AuthenticateAsClientAsync(
        new SslClientAuthenticationOptions
        {
            TargetHost = _host,
            CertificateChainPolicy = Policy(_caLocation),
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                Problem = certificate is X509Certificate2 shown ? Describe(shown, chain, errors) : "it shows no certificate";
                return Problem is null;
            },
            LocalCertificateSelectionCallback = (_, _, _, remote, issuers) =>
            {
                IsCertificateWanted |= remote is not null || issuers.Length > 0;
                return null!;
            },
        },
        cancellationToken);

    public ValueTask DisposeAsync() => Stream.DisposeAsync();

    private static X509ChainPolicy Policy(string? caLocation)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (caLocation is null)
        {
            return policy;
        }

        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        foreach (var file in Directory.Exists(caLocation) ? Directory.GetFiles(caLocation) : [caLocation])
        {
            try
            {
                policy.CustomTrustStore.ImportFromPemFile(file);
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                // A folder may have other files; that the setting's own file is none was told at the start.
            }
        }

        return policy;
    }

    private string? Describe(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var now = chain?.ChainPolicy.VerificationTime ?? DateTime.Now;
        if (certificate.NotAfter < now || certificate.NotBefore > now)
        {
            return certificate.NotAfter < now ? $"its certificate expired on {Date(certificate.NotAfter)}" : $"its certificate is not valid before {Date(certificate.NotBefore)}";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"its certificate is for {Names(certificate)}, not for {SafeText.OneLine(_host, MaxName)}";
        }

        if (!errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return null;
        }

        var status = X509ChainStatusFlags.NoError;
        foreach (var one in chain?.ChainStatus ?? [])
        {
            status |= one.Status;
        }

        return (status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0
            ? $"its certificate is signed by {SafeText.OneLine(certificate.Issuer, MaxName)}, which "
                + (_caLocation is null ? "the system does not trust" : $"{KafkaSecurity.CaSetting} does not have")
            : $"its certificate is not valid: {status}";
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())));
        var text = string.Join(", ", names.Take(4));
        return SafeText.OneLine(text.Length > 0 ? text : certificate.Subject, MaxName);
    }

    private static string Date(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
