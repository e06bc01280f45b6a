using Confluent.Kafka;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>
/// How clients authenticate by SASL: the settings <c>KAFKA_SASL_*</c>. Immutable but for the content of the password's file. Safe for use by
/// several threads.
/// </summary>
internal sealed class SaslLogin
{
    private const string AwsMskIam = "AWS_MSK_IAM";
    private const int MaxUrl = 2048;

    private static readonly (string Name, SaslMechanism Mechanism)[] _mechanisms =
    [
        ("PLAIN", SaslMechanism.Plain), ("SCRAM-SHA-256", SaslMechanism.ScramSha256), ("SCRAM-SHA-512", SaslMechanism.ScramSha512),
        (AwsMskIam, SaslMechanism.OAuthBearer), ("OAUTHBEARER", SaslMechanism.OAuthBearer),
    ];

    private readonly string _name;
    private string? _username;
    private string? _password;
    private string? _tokenEndpoint;
    private string? _scope;

    private SaslLogin(string name, SaslMechanism mechanism)
    {
        _name = name;
        Mechanism = mechanism;
    }

    public SaslMechanism Mechanism { get; }

    /// <summary>Gets the region of an Amazon MSK cluster; null when its tokens are not used.</summary>
    public string? Region { get; private set; }

    /// <summary>Gets whether clients get tokens of an OpenID Connect provider, by the grant of client credentials.</summary>
    public bool UsesOidc => _tokenEndpoint is not null;

    /// <summary>Gets the file that the password comes from; null for none.</summary>
    public PasswordFile? PasswordFile { get; private set; }

    /// <summary>Gets what a person should know of settings that are taken all the same; null when there is nothing.</summary>
    public string? Warning { get; private set; }

    /// <summary>Reads the settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="protocol">The name of the security protocol.</param>
    /// <param name="usesTls">Whether clients connect with TLS.</param>
    /// <param name="problem">What is wrong, naming no secret; null when nothing is.</param>
    public static SaslLogin? Read(SettingReader settings, string protocol, bool usesTls, out string? problem)
    {
        var text = settings.Text(KafkaSecurity.MechanismSetting);
        var names = string.Join(", ", _mechanisms.Select(m => m.Name));
        if (text is null)
        {
            problem = $"The setting {KafkaSecurity.MechanismSetting} is missing: {KafkaSecurity.ProtocolSetting} {protocol} needs one of {names}.";
            return null;
        }

        var index = Array.FindIndex(_mechanisms, m => KafkaSecurity.Letters(m.Name) == KafkaSecurity.Letters(text));
        if (index < 0)
        {
            problem = KafkaSecurity.Wrong(KafkaSecurity.MechanismSetting, text, names);
            return null;
        }

        var login = new SaslLogin(_mechanisms[index].Name, _mechanisms[index].Mechanism);
        problem = login._name == AwsMskIam ? login.ReadAws(settings, usesTls)
            : login.Mechanism == SaslMechanism.OAuthBearer ? login.ReadOidc(settings, usesTls) ?? login.ReadPassword(settings)
            : login.FindOidc(settings) ?? login.ReadPassword(settings);
        if (login.Mechanism == SaslMechanism.Plain && !usesTls)
        {
            login.Warning = $"The setting {KafkaSecurity.MechanismSetting} is PLAIN without TLS: the password goes over the network as it is.";
        }

        return problem is null ? login : null;
    }

    /// <summary>Tells that a password cannot be sent; null when it can.</summary>
    public static string? FindBlank(string setting, string password) => char.IsWhiteSpace(password[0])
        // librdkafka takes blanks at the beginning of a property away.
        ? $"The password of the setting {setting} begins with a blank, which the Kafka client cannot send."
        : null;

    /// <summary>Sets the properties of a client.</summary>
    public void ApplyTo(ClientConfig config)
    {
        config.SaslMechanism = Mechanism;
        if (UsesOidc)
        {
            config.SaslOauthbearerMethod = SaslOauthbearerMethod.Oidc;
            config.SaslOauthbearerTokenEndpointUrl = _tokenEndpoint;
            config.SaslOauthbearerClientId = _username;
            config.SaslOauthbearerClientSecret = Password;
            config.SaslOauthbearerScope = _scope;
        }
        else
        {
            config.SaslUsername = _username;
            config.SaslPassword = Password;
        }
    }

    /// <summary>Gives a client the password of now, which it uses from its next login on, where it takes one.</summary>
    /// <exception cref="ObjectDisposedException">The client has ended.</exception>
    public void GivePassword(IClient client)
    {
        if (!UsesOidc && Password is { } password)
        {
            client.SetSaslCredentials(_username, password);
        }
    }

    private string? Password => PasswordFile is null ? _password : PasswordFile.Password;

    private string? ReadAws(SettingReader settings, bool usesTls)
    {
        if (!MskIam.IsSupported)
        {
            return $"The setting {KafkaSecurity.MechanismSetting} is {AwsMskIam}, which is left out of this build: it takes one that is published with MskIam=true.";
        }

        if (FindOpen(usesTls) is { } open)
        {
            return open;
        }

        if (Array.Find([KafkaSecurity.UsernameSetting, KafkaSecurity.PasswordSetting, KafkaSecurity.PasswordFileSetting], name => settings.Verbatim(name) is not null) is { } set)
        {
            return $"The setting {set} does not go with {KafkaSecurity.MechanismSetting} {AwsMskIam}, which takes the credentials of AWS.";
        }

        // The brokers' own names first: in a pod AWS_REGION may be that of the cluster it runs on.
        Region = MskRegion.OfBrokers(settings.Text("KAFKA_BROKERS")) ?? settings.Text("AWS_REGION") ?? settings.Text("AWS_DEFAULT_REGION");
        return FindOidc(settings)
            ?? (Region is null ? $"The setting AWS_REGION is missing: {KafkaSecurity.MechanismSetting} {AwsMskIam} needs it, and KAFKA_BROKERS does not name a region."
            : MskRegion.IsName(Region) ? null
            : $"The setting AWS_REGION is \"{Region}\" but must be the name of a region, such as eu-central-1.");
    }

    private string? ReadOidc(SettingReader settings, bool usesTls)
    {
        if (FindOpen(usesTls) is { } open)
        {
            return open;
        }

        _scope = settings.Text(KafkaSecurity.ScopeSetting);
        if (settings.Text(KafkaSecurity.TokenEndpointSetting) is not { } url)
        {
            return $"The setting {KafkaSecurity.TokenEndpointSetting} is missing: {KafkaSecurity.MechanismSetting} {_name} needs it.";
        }

        if (url.Length > MaxUrl || !Uri.TryCreate(url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp))
        {
            // A user and a password in it are no business of a log.
            var shown = url.Contains('@', StringComparison.Ordinal) ? "…" : SafeText.OneLine(url, 128);
            return $"The setting {KafkaSecurity.TokenEndpointSetting} is \"{shown}\" but must be an address that begins with https:// or http://.";
        }

        _tokenEndpoint = url;
        if (address.Scheme == Uri.UriSchemeHttp)
        {
            Warning = $"The setting {KafkaSecurity.TokenEndpointSetting} is without TLS: the client's secret and its tokens go over the network as they are.";
        }

        return null;
    }

    private string? FindOidc(SettingReader settings) =>
        Array.Find([KafkaSecurity.TokenEndpointSetting, KafkaSecurity.ScopeSetting], name => settings.Verbatim(name) is not null) is { } set
            ? $"The setting {set} does not go with {KafkaSecurity.MechanismSetting} {_name}."
            : null;

    private string? FindOpen(bool usesTls) => usesTls ? null
        : $"The setting {KafkaSecurity.ProtocolSetting} must be sasl_ssl with {KafkaSecurity.MechanismSetting} {_name}: a token opens the cluster to whoever reads it.";

    private string? ReadPassword(SettingReader settings)
    {
        _username = settings.Text(KafkaSecurity.UsernameSetting);
        _password = settings.Verbatim(KafkaSecurity.PasswordSetting);
        var file = settings.Text(KafkaSecurity.PasswordFileSetting);
        if (_username is null)
        {
            return $"The setting {KafkaSecurity.UsernameSetting} is missing: {KafkaSecurity.MechanismSetting} {settings.Text(KafkaSecurity.MechanismSetting)} needs it.";
        }

        if (_password is not null && file is not null)
        {
            return $"The settings {KafkaSecurity.PasswordSetting} and {KafkaSecurity.PasswordFileSetting} are both there: which one holds is not clear.";
        }

        if (file is not null)
        {
            PasswordFile = new PasswordFile(file);
            return null;
        }

        return _password is null
            ? $"The setting {KafkaSecurity.PasswordSetting} or {KafkaSecurity.PasswordFileSetting} is missing: {KafkaSecurity.MechanismSetting} {settings.Text(KafkaSecurity.MechanismSetting)} needs it."
            : FindBlank(KafkaSecurity.PasswordSetting, _password);
    }
}
