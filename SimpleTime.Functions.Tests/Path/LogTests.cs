using System.Text.Json;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>What the service writes to its output. Also run on the native binary.</summary>
[Trait("Category", "Smoke")]
public class LogTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task In_a_container_each_record_is_JSON_on_a_line_with_the_ids_of_its_trace()
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            "embedded", ("DOTNET_RUNNING_IN_CONTAINER", "true"), ("Logging__LogLevel__Microsoft.AspNetCore.Hosting.Diagnostics", "Information")));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        (await service.Client.SendAsync(request)).EnsureSuccessStatusCode();
        service.Terminate();
        Assert.Equal(0, await service.WaitForExitAsync(_deadline));

        var records = service.Output.Select(line => JsonElement.Parse(line)).ToList();

        Assert.All(records, record => Assert.EndsWith("Z", record.GetProperty("Timestamp").GetString(), StringComparison.Ordinal));
        Assert.Single(records, record => record.GetProperty("Message").GetString()!.Contains("Time: [GET,HEAD] http", StringComparison.Ordinal)
            && record.GetProperty("Message").GetString()!.Contains("PersistEvents: kafkaTrigger", StringComparison.Ordinal));
        Assert.Contains(records, record => record.GetProperty("Scopes").EnumerateArray().Any(scope =>
            scope.ValueKind == JsonValueKind.Object && scope.TryGetProperty("TraceId", out var trace)
            && trace.GetString() == "0af7651916cd43dd8448eb211c80319c"));
    }

    [Fact]
    public async Task The_standard_setting_chooses_the_format_and_a_wrong_one_is_told()
    {
        await using var text = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            "127.0.0.1:1", ("DOTNET_RUNNING_IN_CONTAINER", "true"), ("Logging__Console__FormatterName", "simple")));
        await using var json = await ServiceProcess.StartAsync(ServiceCalls.Settings("127.0.0.1:1", ("Logging__Console__FormatterName", "json")));
        await using var wrong = await ServiceProcess.StartAsync(ServiceCalls.Settings("127.0.0.1:1", ("Logging__Console__FormatterName", "xml")));

        Assert.Contains(text.Output, line => line.Contains(" info: ", StringComparison.Ordinal));
        Assert.All(json.Output, line => JsonElement.Parse(line));
        await wrong.LogsOnceAsync("Logging:Console:FormatterName");
        Assert.Contains(wrong.Output, line => line.Contains(" info: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Levels_come_from_host_json_and_a_wrong_one_is_told()
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(
            "127.0.0.1:1",
            ("AzureFunctionsJobHost__logging__logLevel__SimpleTime.Functions.Worker.Hosting", "warning"),
            ("AzureFunctionsJobHost__logging__logLevel__SimpleTime.Functions.Worker.Kafka.Trigger", "loud")));
        await Eventually.BecomesTrueAsync(() => service.Output.Any(line => line.Contains("Application started", StringComparison.Ordinal)));

        Assert.DoesNotContain(service.Output, line => line.Contains("PersistEvents: kafkaTrigger", StringComparison.Ordinal));
        await service.LogsOnceAsync("\"loud\"");
    }
}
