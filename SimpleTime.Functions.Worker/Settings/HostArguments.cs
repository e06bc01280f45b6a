namespace SimpleTime.Functions.Worker.Settings;

/// <summary>The command line of the service. Immutable.</summary>
/// <param name="Urls">The value of <c>--urls</c>; null when it is not given.</param>
/// <param name="Port">The value of <c>--port</c>; null when it is not given.</param>
internal sealed record HostArguments(string? Urls, string? Port)
{
    public const string UrlsOption = "--urls";
    public const string PortOption = "--port";

    /// <summary>Reads the arguments: <c>--option value</c> or <c>--option=value</c>, the last of several. One that is not known is a fault.</summary>
    public static HostArguments Parse(ReadOnlySpan<string> args, StartupNotices notices)
    {
        string? urls = null;
        string? port = null;
        for (var i = 0; i < args.Length; i++)
        {
            var parts = args[i].Split('=', 2);
            var isUrls = parts[0].Equals(UrlsOption, StringComparison.OrdinalIgnoreCase);
            if (!isUrls && !parts[0].Equals(PortOption, StringComparison.OrdinalIgnoreCase))
            {
                notices.Refuse(StartupFault.WrongArgument, $"The argument \"{Diagnostics.SafeText.OneLine(args[i], 64)}\" is not known; --help lists those that are.");
                break;
            }

            if (parts.Length == 1 && (i + 1 == args.Length || args[i + 1].StartsWith("--", StringComparison.Ordinal)))
            {
                notices.Refuse(StartupFault.WrongArgument, $"The argument {(isUrls ? UrlsOption : PortOption)} needs a value.");
                break;
            }

            var value = parts.Length == 1 ? args[++i] : parts[1];
            (urls, port) = isUrls ? (value, port) : (urls, value);
        }

        return new HostArguments(urls, port);
    }
}
