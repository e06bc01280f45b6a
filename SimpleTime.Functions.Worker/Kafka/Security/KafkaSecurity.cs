using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Hosting;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>
/// How all Kafka clients of the process secure their connections and authenticate: the settings <c>KAFKA_SECURITY_PROTOCOL</c>,
/// <c>KAFKA_SASL_*</c> and <c>KAFKA_SSL_CA_LOCATION</c>, read once at start. Immutable.
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
    public const string CaSetting = "KAFKA_SSL_CA_LOCATION";

    private const string AwsMskIam = "AWS_MSK_IAM";

    private static readonly (string Name, SecurityProtocol Protocol)[] _protocols =
    [
        ("plaintext", SecurityProtocol.Plaintext), ("ssl", SecurityProtocol.Ssl),
        ("sasl_plaintext", SecurityProtocol.SaslPlaintext), ("sasl_ssl", SecurityProtocol.SaslSsl),
    ];

    private static readonly (string Name, SaslMechanism Mechanism)[] _mechanisms =
    [
        ("PLAIN", SaslMechanism.Plain), ("SCRAM-SHA-256", SaslMechanism.ScramSha256),
        ("SCRAM-SHA-512", SaslMechanism.ScramSha512), (AwsMskIam, SaslMechanism.OAuthBearer),
    ];

    private string? _username;
    private string? _password;

    private KafkaSecurity()
    {
    }

    public SecurityProtocol Protocol { get; private set; } = SecurityProtocol.Plaintext;

    /// <summary>How a client authenticates; null when it does not.</summary>
    public SaslMechanism? Mechanism { get; private set; }

    /// <summary>The region of an Amazon MSK cluster; null when tokens are not used.</summary>
    public string? Region { get; private set; }

    /// <summary>Gets the file or folder of the authorities that brokers' certificates are signed by; null for the system's.</summary>
    public string? CaLocation { get; private set; }

    /// <summary>Whether clients authenticate with tokens of <see cref="MskTokens"/>.</summary>
    public bool UsesTokens => Problem is null && Mechanism == SaslMechanism.OAuthBearer;

    /// <summary>What is wrong, naming the setting and no secret; null when nothing is. With a problem no client may connect.</summary>
    public string? Problem { get; private set; }

    /// <summary>Gets whether clients connect with TLS.</summary>
    public bool UsesTls => Protocol is SecurityProtocol.Ssl or SecurityProtocol.SaslSsl;

    /// <summary>Gets whether clients authenticate.</summary>
    public bool UsesSasl => Protocol is SecurityProtocol.SaslPlaintext or SecurityProtocol.SaslSsl;

    /// <summary>Reads the settings. What is wrong becomes a notice and <see cref="Problem"/>.</summary>
    public static KafkaSecurity Read(SettingReader settings, IConfiguration configuration, StartupNotices notices)
    {
        var security = new KafkaSecurity();
        security.Problem = SecurityProperties.Problem(configuration)
            ?? security.ReadProtocol(settings) ?? security.ReadMechanism(settings) ?? security.ReadAuthority(settings)
            ?? (UsesEmbeddedBroker(settings) && security.Protocol != SecurityProtocol.Plaintext
                ? $"The setting {ProtocolSetting} must be plaintext or absent with the embedded broker."
                : null);
        if (security.Problem is { } problem)
        {
            security.Problem = Diagnostics.SafeText.OneLine(problem, 384);
            notices.Add($"{security.Problem} Kafka is NOT UP until that is put right and the service started again.");
        }
        else if (security is { Mechanism: SaslMechanism.Plain, UsesTls: false })
        {
            notices.Add($"The setting {MechanismSetting} is PLAIN without TLS: the password goes over the network as it is.");
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
        }

        if (UsesSasl)
        {
            config.SaslMechanism = Mechanism;
            config.SaslUsername = _username;
            config.SaslPassword = _password;
        }
    }

    private static bool UsesEmbeddedBroker(SettingReader settings) =>
        settings.Text("KAFKA_BROKERS") is { } brokers && Clients.KafkaBrokers.IsEmbedded(brokers);

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

    private string? ReadMechanism(SettingReader settings)
    {
        var text = settings.Text(MechanismSetting);
        if (!UsesSasl)
        {
            return Array.Find([MechanismSetting, UsernameSetting, PasswordSetting, PasswordFileSetting], name => settings.Verbatim(name) is not null) is { } set
                ? $"The setting {set} needs {ProtocolSetting} to be sasl_ssl or sasl_plaintext."
                : null;
        }

        var names = string.Join(", ", _mechanisms.Select(m => m.Name));
        if (text is null)
        {
            return $"The setting {MechanismSetting} is missing: {ProtocolSetting} {Name(Protocol)} needs one of {names}.";
        }

        var index = Array.FindIndex(_mechanisms, m => Letters(m.Name) == Letters(text));
        if (index < 0)
        {
            return Wrong(MechanismSetting, text, names);
        }

        Mechanism = _mechanisms[index].Mechanism;
        return Mechanism == SaslMechanism.OAuthBearer ? ReadAws(settings) : ReadPassword(settings);
    }

    private string? ReadAws(SettingReader settings)
    {
        if (!MskIam.IsSupported)
        {
            return $"The setting {MechanismSetting} is {AwsMskIam}, which is left out of this build: it takes one that is published with MskIam=true.";
        }

        if (!UsesTls)
        {
            return $"The setting {ProtocolSetting} must be sasl_ssl with {MechanismSetting} {AwsMskIam}: a token opens the cluster to whoever reads it.";
        }

        if (Array.Find([UsernameSetting, PasswordSetting, PasswordFileSetting], name => settings.Verbatim(name) is not null) is { } set)
        {
            return $"The setting {set} does not go with {MechanismSetting} {AwsMskIam}, which takes the credentials of AWS.";
        }

        // The brokers' own names first: in a pod AWS_REGION may be that of the cluster it runs on.
        Region = MskRegion.OfBrokers(settings.Text("KAFKA_BROKERS")) ?? settings.Text("AWS_REGION") ?? settings.Text("AWS_DEFAULT_REGION");
        return Region is null ? $"The setting AWS_REGION is missing: {MechanismSetting} {AwsMskIam} needs it, and KAFKA_BROKERS does not name a region."
            : MskRegion.IsName(Region) ? null
            : $"The setting AWS_REGION is \"{Region}\" but must be the name of a region, such as eu-central-1.";
    }

    private string? ReadPassword(SettingReader settings)
    {
        _username = settings.Text(UsernameSetting);
        _password = settings.Verbatim(PasswordSetting);
        var file = settings.Text(PasswordFileSetting);
        if (_username is null)
        {
            return $"The setting {UsernameSetting} is missing: {MechanismSetting} {settings.Text(MechanismSetting)} needs it.";
        }

        if (_password is not null && file is not null)
        {
            return $"The settings {PasswordSetting} and {PasswordFileSetting} are both there: which one holds is not clear.";
        }

        if (_password is null && file is null)
        {
            return $"The setting {PasswordSetting} or {PasswordFileSetting} is missing: {MechanismSetting} {settings.Text(MechanismSetting)} needs it.";
        }

        return (file is null ? null : SecurityFiles.ReadPassword(PasswordFileSetting, file, out _password))
            // librdkafka takes blanks at the beginning of a property away.
            ?? (char.IsWhiteSpace(_password![0])
                ? $"The password of the setting {(file is null ? PasswordSetting : PasswordFileSetting)} begins with a blank, which the Kafka client cannot send."
                : null);
    }

    private string? ReadAuthority(SettingReader settings)
    {
        CaLocation = settings.Text(CaSetting);
        return CaLocation is null ? null
            : UsesTls ? SecurityFiles.CheckAuthority(CaSetting, CaLocation)
            : $"The setting {CaSetting} needs {ProtocolSetting} to be ssl or sasl_ssl.";
    }

    private static string Name(SecurityProtocol protocol) => Array.Find(_protocols, p => p.Protocol == protocol).Name;

    private static string Letters(string text) => text.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    private static string Wrong(string setting, string text, string choices) =>
        $"The setting {setting} is \"{Diagnostics.SafeText.OneLine(text, 64)}\" but must be one of {choices}.";
}
