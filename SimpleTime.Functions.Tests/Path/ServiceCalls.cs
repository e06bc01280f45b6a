using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>Calls a service as a person with curl would.</summary>
internal static class ServiceCalls
{
    public const string Key = "a-key-of-the-tests";
    public const string Topic = "simple-time-events";

    // The contract's 10 s, and what a busy machine may take.
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(20);

    public static Dictionary<string, string?> Settings(string brokers, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        var settings = new Dictionary<string, string?> { ["KAFKA_BROKERS"] = brokers, ["FUNCTIONS_KEYS"] = Key };
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return settings;
    }

    public static async Task GetTimesAsync(this ServiceProcess service, int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Add("X-Forwarded-For", "203.0.113.45, 198.51.100.23");
            using var response = await service.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    public static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(
        this ServiceProcess service, string path, byte[] body, string? key = Key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (key is not null)
        {
            request.Headers.Add("x-functions-key", key);
        }

        using var response = await service.Client.SendAsync(request);
        return (response.StatusCode, JsonElement.Parse(await response.Content.ReadAsByteArrayAsync()));
    }

    public static Task<(HttpStatusCode Status, JsonElement Body)> PublishAsync(this ServiceProcess service, string json) =>
        service.PostAsync("/kafka/publish", Encoding.UTF8.GetBytes(json));

    public static async Task<JsonElement> GetJsonAsync(this ServiceProcess service, string path) =>
        JsonElement.Parse(await (await service.Client.GetAsync(new Uri(path, UriKind.Relative))).Content.ReadAsByteArrayAsync());

    /// <summary>The sum of a metric's series on <c>/metrics</c>; 0 while it has none.</summary>
    public static async Task<long> MetricAsync(this ServiceProcess service, string name)
    {
        var text = await service.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return (long)text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is ' ' or '{')
            .Sum(line => double.Parse(line[(line.LastIndexOf("} ", StringComparison.Ordinal) is var end and >= 0 ? end + 2 : name.Length + 1)..].Split(' ')[0], CultureInfo.InvariantCulture));
    }

    /// <summary>Events that the service accepted and Kafka has not.</summary>
    public static async Task<long> PendingAsync(this ServiceProcess service) =>
        (await service.GetJsonAsync("/kafka/status")).GetProperty("pending").GetInt64();

    /// <summary>Whether the service says that Kafka is UP; asked where that makes no events.</summary>
    public static async Task<bool> IsUpAsync(this ServiceProcess service) =>
        (await service.GetJsonAsync("/kafka/status")).GetProperty("kafka_status").GetString() == "UP";

    /// <summary>Waits for a line with a text, which takes a moment from the service to here, and holds that there is one.</summary>
    public static async Task LogsOnceAsync(this ServiceProcess service, string text)
    {
        await Eventually.BecomesTrueAsync(() => service.Output.Any(line => line.Contains(text, StringComparison.Ordinal)));
        Assert.Single(service.Output, line => line.Contains(text, StringComparison.Ordinal));
    }

    public static Task BecomesUpAsync(this ServiceProcess service) => Eventually.BecomesTrueAsync(service.IsUpAsync, _turn);

    public static Task BecomesNotUpAsync(this ServiceProcess service) =>
        Eventually.BecomesTrueAsync(async () => !await service.IsUpAsync(), _turn);
}
