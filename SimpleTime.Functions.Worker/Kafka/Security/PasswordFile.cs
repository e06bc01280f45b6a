using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>The password in the file of <c>KAFKA_SASL_PASSWORD_FILE</c>.</summary>
internal sealed class PasswordFile(string path) : CredentialFile(KafkaSecurity.PasswordFileSetting, "password")
{
    /// <summary>Gets the last password that could be read; null when there was none.</summary>
    public string? Password => (string?)Value;

    protected override string? Read(out object? value)
    {
        var problem = SettingFile.ReadSecret(Setting, path, out var password) ?? SaslLogin.FindBlank(Setting, password!);
        value = password;
        return problem;
    }
}
