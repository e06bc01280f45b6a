using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Monitoring;

/// <summary>
/// Prometheus with the configuration of <c>compose/</c> and the rules of <c>monitoring/</c>, in which minutes are seconds, in a process of its own.
/// Disposal ends it.
/// </summary>
internal sealed partial class PrometheusProcess : IAsyncDisposable
{
    private static readonly TimeSpan _startDeadline = TimeSpan.FromSeconds(30);

    private readonly ChildProcess _process;
    private readonly TempFolder _folder;
    private readonly HttpClient _client;

    private PrometheusProcess(ChildProcess process, TempFolder folder, HttpClient client)
    {
        _process = process;
        _folder = folder;
        _client = client;
    }

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="target">The address that it scrapes each second, as <c>host:port</c>.</param>
    public static async Task<PrometheusProcess> StartAsync(string target)
    {
        var folder = new TempFolder();
        ChildProcess? process = null;
        try
        {
            await File.WriteAllTextAsync(
                folder.Combine("prometheus.yml"),
                Repository.Read("compose/prometheus.yml").Replace("simple-time:8080", target, StringComparison.Ordinal).Replace("15s", "1s", StringComparison.Ordinal));
            await File.WriteAllTextAsync(folder.Combine("alerts.yaml"), Hasten(Repository.Read("monitoring/alerts.yaml")));
            process = ChildProcess.Start(new ProcessStartInfo(
                "prometheus",
                [$"--config.file={folder.Combine("prometheus.yml")}", $"--storage.tsdb.path={folder.Combine("data")}", "--web.listen-address=127.0.0.1:0"]));
            var address = await process.WaitForOutputAsync(
                lines => lines.Select(line => ListeningLine().Match(line)).FirstOrDefault(match => match.Success)?.Groups[1].Value, "its address", _startDeadline);
            var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://{address}") };
            return new PrometheusProcess(process, folder, client);
        }
        catch
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }

            folder.Dispose();
            throw;
        }
    }

    /// <summary>The names of the alerts that fire now, each once, in order.</summary>
    public async Task<string[]> FiringAsync()
    {
        var alerts = (await GetAsync("/api/v1/alerts")).GetProperty("alerts").EnumerateArray();
        return [.. alerts.Where(alert => alert.GetProperty("state").GetString() == "firing")
            .Select(alert => alert.GetProperty("labels").GetProperty("alertname").GetString()!).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The values that an expression has now, one for each series.</summary>
    public async Task<string[]> QueryAsync(string expression) =>
        [.. (await GetAsync("/api/v1/query?query=" + Uri.EscapeDataString(expression))).GetProperty("result").EnumerateArray()
            .Select(series => series.GetProperty("value")[1].GetString()!)];

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    // An age of 300 s is one of 5 s, and a condition lasts for as many seconds as it lasts for minutes.
    private static string Hasten(string rules) => Minutes().Replace(rules, "$1s").Replace("> 300", "> 5", StringComparison.Ordinal);

    private async Task<JsonElement> GetAsync(string path) =>
        JsonElement.Parse(await _client.GetByteArrayAsync(new Uri(path, UriKind.Relative))).GetProperty("data");

    [GeneratedRegex(@"(?<=for: |\[)([0-9]+)m\b")]
    private static partial Regex Minutes();

    [GeneratedRegex(@"msg=""?Listening on""? address=(\S+)")]
    private static partial Regex ListeningLine();
}
