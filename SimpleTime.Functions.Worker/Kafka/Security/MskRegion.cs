using System.Text.RegularExpressions;

namespace SimpleTime.Functions.Worker.Kafka.Security;

/// <summary>The AWS region of an Amazon MSK cluster.</summary>
internal static partial class MskRegion
{
    /// <summary>Returns whether a text can be a region's name; it becomes part of a host name.</summary>
    public static bool IsName(string text) => RegionName().IsMatch(text);

    /// <summary>Returns the region in the first broker's host name, <c>b-1.NAME.kafka.REGION.amazonaws.com</c>; null when there is none.</summary>
    public static string? OfBrokers(string? brokerList) =>
        brokerList is not null && MskHost().Match(brokerList) is { Success: true } match ? match.Groups["region"].Value : null;

    [GeneratedRegex(@"\A[a-z0-9-]{1,32}\z")]
    private static partial Regex RegionName();

    [GeneratedRegex(@"\.kafka(-serverless)?\.(?<region>[a-z0-9-]{1,32})\.amazonaws\.com", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex MskHost();
}
