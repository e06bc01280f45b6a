using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Embedded;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>
/// How all Kafka clients of the process secure their connections and authenticate: the settings <c>KAFKA_SECURITY_PROTOCOL</c>,
/// <c>KAFKA_SASL_*</c> and <c>KAFKA_SSL_CA_LOCATION</c>, read once at start. Immutable but for the content of the password's file. Safe for
/// use by several threads, one of which may read that file again.
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
    private const int MaxProblem = 384;

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
    private volatile string? _password;
    private string? _passwordFile;
    private string? _problem;
    private volatile string? _fileProblem;

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
    public string? Problem => _problem ?? _fileProblem;

    /// <summary>Gets whether the password comes from a file, which may change.</summary>
    public bool HasPasswordFile => _problem is null && _passwordFile is not null;

    /// <summary>Gets whether clients connect with TLS.</summary>
    public bool UsesTls => Protocol is SecurityProtocol.Ssl or SecurityProtocol.SaslSsl;

    /// <summary>Gets whether clients authenticate.</summary>
    public bool UsesSasl => Protocol is SecurityProtocol.SaslPlaintext or SecurityProtocol.SaslSsl;

    /// <summary>Reads the settings. What is wrong becomes a notice and <see cref="Problem"/>.</summary>
    public static KafkaSecurity Read(SettingReader settings, IConfiguration configuration, StartupNotices notices)
    {
        var security = new KafkaSecurity();
        var problem = SecurityProperties.Problem(configuration)
            ?? security.ReadProtocol(settings) ?? security.ReadMechanism(settings) ?? security.ReadAuthority(settings)
            ?? (UsesEmbeddedBroker(settings) && security.Protocol != SecurityProtocol.Plaintext
                ? $"The setting {ProtocolSetting} must be plaintext or absent with the embedded broker."
                : null)
            ?? (security.UsesTls ? null : SecurityProperties.ProblemWithoutTls(configuration));
        security._problem = problem is null ? null : SafeText.OneLine(problem, MaxProblem);
        if (security._problem is not null)
        {
            notices.Add($"{security._problem} Kafka is NOT UP until that is put right and the service started again.");
        }
        else if (security._fileProblem is not null)
        {
            notices.Add($"{security._fileProblem} Kafka is NOT UP until that is put right.");
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

    /// <summary>Reads the password's file again. The last password stays when that fails.</summary>
    /// <param name="problem">What is wrong with the file, naming no secret; null when nothing is.</param>
    /// <returns>Whether there is a new password.</returns>
    public bool TryRenewPassword(out string? problem)
    {
        problem = ReadPasswordFile(out var password);
        if (problem is not null)
        {
            return false;
        }

        var isNew = password != _password;
        _password = password;
        _fileProblem = null;
        return isNew;
    }

    /// <summary>Gives a client the password of now, which it uses from its next login on.</summary>
    /// <exception cref="ObjectDisposedException">The client has ended.</exception>
    public void GivePassword(IClient client) => client.SetSaslCredentials(_username, _password);

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
        _passwordFile = settings.Text(PasswordFileSetting);
        if (_username is null)
        {
            return $"The setting {UsernameSetting} is missing: {MechanismSetting} {settings.Text(MechanismSetting)} needs it.";
        }

        if (_password is not null && _passwordFile is not null)
        {
            return $"The settings {PasswordSetting} and {PasswordFileSetting} are both there: which one holds is not clear.";
        }

        if (_passwordFile is not null)
        {
            _fileProblem = ReadPasswordFile(out var password);
            _password = password;
            return null;
        }

        return _password is null
            ? $"The setting {PasswordSetting} or {PasswordFileSetting} is missing: {MechanismSetting} {settings.Text(MechanismSetting)} needs it."
            : FindBlank(PasswordSetting, _password);
    }

    private string? ReadPasswordFile(out string? password) =>
        (SettingFile.ReadSecret(PasswordFileSetting, _passwordFile!, out password) ?? FindBlank(PasswordFileSetting, password!)) is { } problem
            ? SafeText.OneLine(problem, MaxProblem)
            : null;

    // librdkafka takes blanks at the beginning of a property away.
    private static string? FindBlank(string setting, string password) => char.IsWhiteSpace(password[0])
        ? $"The password of the setting {setting} begins with a blank, which the Kafka client cannot send."
        : null;

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
        $"The setting {setting} is \"{SafeText.OneLine(text, 64)}\" but must be one of {choices}.";
}
