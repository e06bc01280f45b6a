namespace SimpleTime.Functions.Tests.Kafka.Security;

/// <summary>Credentials of AWS that open nothing.</summary>
internal static class AwsSettings
{
    public const string AccessKey = "AKIDEXAMPLE";
    public const string SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    public const string SessionToken = "IQoJb3JpZ2lu+X2Vj/EXAMPLE==";
    public const string Region = "eu-central-1";

    public static void AddTo(Dictionary<string, string?> settings)
    {
        settings["AWS_ACCESS_KEY_ID"] = AccessKey;
        settings["AWS_SECRET_ACCESS_KEY"] = SecretKey;
        settings["AWS_SESSION_TOKEN"] = SessionToken;
        settings["AWS_REGION"] = Region;
    }
}
