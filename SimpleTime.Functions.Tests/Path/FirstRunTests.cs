using System.Net;
using System.Text.Json;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>What a person sees who starts the service for the first time. Also run on the native binary.</summary>
[Trait("Category", "Smoke")]
public class FirstRunTests
{
    private static readonly TimeSpan _exitTime = TimeSpan.FromSeconds(15);

    // 5 s on a machine that does nothing else.
    private static readonly TimeSpan _storedTime = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Requests_become_rows_and_a_second_run_adds_to_the_same_database()
    {
        using var folder = new TempFolder();
        var database = folder.Combine("data/events.db");
        for (var run = 1; run <= 2; run++)
        {
            await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings("embedded", ("DB_PATH", database)));
            await service.GetTimesAsync(50);
            var wanted = run * 50L;
            await Eventually.EqualsAsync(wanted, () => StoredEvents.AnsweredRequestsAsync(database), _storedTime);
            Assert.Equal(wanted, await StoredEvents.CountAsync(database, "SELECT count(*) FROM http_requests WHERE user_ip = '203.0.113.45'"));
            Assert.Equal(wanted, await StoredEvents.CountAsync(database, "SELECT count(*) FROM http_responses WHERE user_ip = '203.0.113.45'"));

            service.Terminate();
            Assert.Equal(0, await service.WaitForExitAsync(_exitTime));
        }
    }

    [Fact]
    public async Task What_is_accepted_before_the_end_is_in_the_database_after_it()
    {
        using var folder = new TempFolder();
        var database = folder.Combine("events.db");
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings("embedded", ("DB_PATH", database)));
        await service.BecomesUpAsync();
        await service.GetTimesAsync(200);
        service.Terminate();

        Assert.Equal(0, await service.WaitForExitAsync(_exitTime));
        Assert.False(File.Exists(database + "-wal"), "The database is checkpointed.");
        Assert.Equal(200, await StoredEvents.AnsweredRequestsAsync(database));
    }

    [Fact]
    public async Task The_answer_has_the_fields_of_the_contract_and_a_length()
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings("embedded"));
        await service.BecomesUpAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("X-Forwarded-For", "203.0.113.45, 198.51.100.23");

        using var response = await service.Client.SendAsync(request);

        Assert.NotNull(response.Content.Headers.ContentLength);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var body = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(
            ["message", "timestamp", "user_ip", "proxy_chain", "hostname", "os", "pod_ip", "kafka_status"],
            body.EnumerateObject().Select(p => p.Name));
        Assert.Equal("Hello, Kafka is UP", body.GetProperty("message").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", body.GetProperty("timestamp").GetString());
        Assert.Equal("203.0.113.45", body.GetProperty("user_ip").GetString());
        Assert.Equal(["203.0.113.45", "198.51.100.23"], body.GetProperty("proxy_chain").EnumerateArray().Select(a => a.GetString()));
        Assert.Equal("Linux", body.GetProperty("os").GetString());
    }

    [Fact]
    public async Task The_console_lists_the_functions_as_func_start_does()
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings("embedded"));
        var address = service.Client.BaseAddress!.ToString();

        await Eventually.BecomesTrueAsync(() => service.Output.Any(line => line.Contains("PersistEvents: kafkaTrigger", StringComparison.Ordinal)));

        Assert.Contains(service.Output, line => line.Trim() == $"Time: [GET,HEAD] {address}");
        Assert.Contains(service.Output, line => line.Trim() == $"KafkaPublish: [POST] {address}kafka/publish");
    }

    [Fact]
    public async Task Metrics_are_real()
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings("embedded"));
        await service.BecomesUpAsync();
        await service.GetTimesAsync(10);
        await Eventually.BecomesTrueAsync(async () => await StoredEvents.AnsweredRequestsAsync(service.DatabasePath) >= 10);

        var text = await service.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        Assert.Contains("http_server_request_duration_seconds_bucket{", text, StringComparison.Ordinal);
        Assert.Contains("http_route=\"/\"", text, StringComparison.Ordinal);
        Assert.True(await service.MetricAsync("functions_kafka_output_accepted_total") >= 20);
        Assert.True(await service.MetricAsync("functions_kafka_output_delivered_total") >= 20);
        Assert.Contains("functions_kafka_output_pending", text, StringComparison.Ordinal);
        Assert.Contains("rows_written_total", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probes_answer_and_unknown_paths_and_methods_are_problems()
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings("embedded"));

        Assert.Equal("healthy", (await service.GetJsonAsync("/healthz")).GetProperty("status").GetString());
        Assert.Equal("ready", (await service.GetJsonAsync("/readyz")).GetProperty("status").GetString());
        using var unknown = await service.Client.GetAsync(new Uri("/nothing", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("application/problem+json", unknown.Content.Headers.ContentType?.MediaType);
        using var wrong = await service.Client.DeleteAsync(new Uri("/", UriKind.Relative));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.StatusCode);
        Assert.Equal(["GET", "HEAD"], wrong.Content.Headers.Allow);
    }
}
