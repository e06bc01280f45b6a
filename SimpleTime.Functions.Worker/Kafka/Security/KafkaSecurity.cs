using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Embedded;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>
/// How all Kafka clients of the process secure their connections and authenticate: the settings <c>KAFKA_SECURITY_PROTOCOL</c>,
/// <c>KAFKA_SASL_*</c> and <c>KAFKA_SSL_*</c>, read once at start. Immutable but for the content of <see cref="Files"/>. Safe for
/// use by several threads, one of which may read those again.
/// </summary>
/// <remarks>
/// Of the host and not of an attribute: the values of the official attributes' enumerations are fixed when the app is compiled.
/// A certificate is always verified, with the host's name in it, and nothing here can switch that off.
/// </remarks>
internal sealed class KafkaSecurity
{
    public const string ProtocolSetting = "KAFKA_SECURITY_PROTOCOL";
    public const string MechanismSetting = "KAFKA_SASL_MECHANISM";
    public const string UsernameSetting = "KAFKA_SASL_USERNAME";
    public const string PasswordSetting = "KAFKA_SASL_PASSWORD";
    public const string PasswordFileSetting = "KAFKA_SASL_PASSWORD_FILE";
    public const string TokenEndpointSetting = "KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL";
    public const string ScopeSetting = "KAFKA_SASL_OAUTHBEARER_SCOPE";
    public const string CaSetting = "KAFKA_SSL_CA_LOCATION";
    public const string CertificateSetting = "KAFKA_SSL_CERTIFICATE_LOCATION";
    public const string KeySetting = "KAFKA_SSL_KEY_LOCATION";
    public const string KeyPasswordFileSetting = "KAFKA_SSL_KEY_PASSWORD_FILE";

    private const int MaxProblem = 384;

    private static readonly (string Name, SecurityProtocol Protocol)[] _protocols =
    [
        ("plaintext", SecurityProtocol.Plaintext), ("ssl", SecurityProtocol.Ssl),
        ("sasl_plaintext", SecurityProtocol.SaslPlaintext), ("sasl_ssl", SecurityProtocol.SaslSsl),
    ];

    private SaslLogin? _login;
    private ClientCertificate? _certificate;
    private string? _problem;

    private KafkaSecurity()
    {
    }

    public SecurityProtocol Protocol { get; private set; } = SecurityProtocol.Plaintext;

    /// <summary>Gets the region of an Amazon MSK cluster; null when its tokens are not used.</summary>
    public string? Region => _login?.Region;

    /// <summary>Gets the file or folder of the authorities that brokers' certificates are signed by; null for the system's.</summary>
    public string? CaLocation { get; private set; }

    /// <summary>Gets whether clients show a certificate of <c>KAFKA_SSL_CERTIFICATE_LOCATION</c>.</summary>
    public bool HasCertificate => _certificate is not null;

    /// <summary>Gets whether clients authenticate with tokens of <see cref="MskTokens"/>.</summary>
    public bool UsesTokens => Problem is null && Region is not null;

    /// <summary>Gets what is wrong, naming the setting and no secret; null when nothing is. With a problem no client may connect.</summary>
    public string? Problem => _problem ?? Files.Select(static file => file.Problem).FirstOrDefault(static problem => problem is not null);

    /// <summary>Gets what comes from files, which may change.</summary>
    public IReadOnlyList<CredentialFile> Files { get; private set; } = [];

    /// <summary>Gets whether clients connect with TLS.</summary>
    public bool UsesTls => Protocol is SecurityProtocol.Ssl or SecurityProtocol.SaslSsl;

    /// <summary>Gets whether clients authenticate.</summary>
    public bool UsesSasl => Protocol is SecurityProtocol.SaslPlaintext or SecurityProtocol.SaslSsl;

    /// <summary>Reads the settings. What is wrong becomes a notice and <see cref="Problem"/>.</summary>
    public static KafkaSecurity Read(SettingReader settings, IConfiguration configuration, StartupNotices notices)
    {
        var security = new KafkaSecurity();
        var problem = SecurityProperties.Problem(configuration)
            ?? security.ReadProtocol(settings) ?? security.ReadLogin(settings) ?? security.ReadAuthority(settings) ?? security.ReadCertificate(settings)
            ?? (UsesEmbeddedBroker(settings) && security.Protocol != SecurityProtocol.Plaintext
                ? $"The setting {ProtocolSetting} must be plaintext or absent with the embedded broker."
                : null)
            ?? SecurityProperties.ProblemOfUnused(configuration, security.UsesTls, security._login?.UsesOidc == true);
        security._problem = problem is null ? null : SafeText.OneLine(problem, MaxProblem);
        if (security._problem is not null)
        {
            notices.Add($"{security._problem} Kafka is NOT UP until that is put right and the service started again.");
            return security;
        }

        security.Files = [.. new CredentialFile?[] { security._login?.PasswordFile, security._certificate }.OfType<CredentialFile>()];
        foreach (var file in security.Files)
        {
            file.TryRenew(out _);
        }

        if (security.Problem is { } wrongFile)
        {
            notices.Add($"{wrongFile} Kafka is NOT UP until that is put right.");
        }
        else if (security._login?.Warning is { } warning)
        {
            notices.Add(warning);
        }

        return security;
    }

    /// <summary>Sets the properties of a client.</summary>
    public void ApplyTo(ClientConfig config)
    {
        if (Problem is not null || Protocol == SecurityProtocol.Plaintext)
        {
            return;
        }

        config.SecurityProtocol = Protocol;
        if (UsesTls)
        {
            // "probe" looks where Linux distributions keep the system's certificates; OpenSSL is linked into the client.
            config.SslCaLocation = CaLocation ?? "probe";
            config.EnableSslCertificateVerification = true;
            config.SslEndpointIdentificationAlgorithm = SslEndpointIdentificationAlgorithm.Https;
            _certificate?.ApplyTo(config);
        }

        _login?.ApplyTo(config);
    }

    /// <summary>
    /// Returns whether a client of a configuration would be made in the same way now. Its password does not count, which it can be given.
    /// </summary>
    public bool IsCurrent(ClientConfig config)
    {
        var now = new ClientConfig();
        ApplyTo(now);
        return now.All(property => property.Key == "sasl.password" || property.Value == config.Get(property.Key));
    }

    /// <summary>Gives a client the password of now, which it uses from its next login on, where it takes one.</summary>
    /// <exception cref="ObjectDisposedException">The client has ended.</exception>
    public void GivePassword(IClient client) => _login?.GivePassword(client);

    /// <summary>Returns the letters and digits of a name, which are what counts of it.</summary>
    internal static string Letters(string text) => text.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Tells that a setting is none of its choices.</summary>
    internal static string Wrong(string setting, string text, string choices) =>
        $"The setting {setting} is \"{SafeText.OneLine(text, 64)}\" but must be one of {choices}.";

    private static bool UsesEmbeddedBroker(SettingReader settings) =>
        settings.Text("KAFKA_BROKERS") is { } brokers && EmbeddedBroker.IsNamedBy(brokers);

    private string? ReadProtocol(SettingReader settings)
    {
        if (settings.Text(ProtocolSetting) is not { } text)
        {
            return null;
        }

        // "SaslSsl" is what the official extension calls it.
        var index = Array.FindIndex(_protocols, p => Letters(p.Name) == Letters(text));
        if (index < 0)
        {
            return Wrong(ProtocolSetting, text, string.Join(", ", _protocols.Select(p => p.Name)));
        }

        Protocol = _protocols[index].Protocol;
        return null;
    }

    private string? ReadLogin(SettingReader settings)
    {
        if (UsesSasl)
        {
            _login = SaslLogin.Read(settings, Array.Find(_protocols, p => p.Protocol == Protocol).Name, UsesTls, out var problem);
            return problem;
        }

        return Array.Find(
            [MechanismSetting, UsernameSetting, PasswordSetting, PasswordFileSetting, TokenEndpointSetting, ScopeSetting],
            name => settings.Verbatim(name) is not null) is { } set
            ? $"The setting {set} needs {ProtocolSetting} to be sasl_ssl or sasl_plaintext."
            : null;
    }

    private string? ReadAuthority(SettingReader settings)
    {
        CaLocation = settings.Text(CaSetting);
        return CaLocation is null ? null
            : UsesTls ? SecurityFiles.CheckAuthority(CaSetting, CaLocation)
            : $"The setting {CaSetting} needs {ProtocolSetting} to be ssl or sasl_ssl.";
    }

    private string? ReadCertificate(SettingReader settings)
    {
        _certificate = ClientCertificate.Find(settings, UsesTls, out var problem);
        return problem;
    }
}
