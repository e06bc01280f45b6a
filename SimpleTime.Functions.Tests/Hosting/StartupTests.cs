using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Logging;
using Xunit;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>What a worker says when it starts.</summary>
public sealed class StartupTests
{
    [Fact]
    public async Task The_functions_are_listed_with_methods_and_addresses_and_triggers_last()
    {
        await using var worker = await TestWorker.StartAsync(
            [
                TestFunctions.Kafka("Consume", new KafkaTriggerAttribute("127.0.0.1:1", "things")),
                TestFunctions.Http("Home", TestFunctions.RootRoute),
                TestFunctions.Http("Save", new HttpTriggerAttribute(AuthorizationLevel.Anonymous, "post", "Put") { Route = "a/{id}" }, _ => null),
                TestFunctions.Http("Any", new HttpTriggerAttribute(AuthorizationLevel.Anonymous), _ => null),
            ],
            new Dictionary<string, string?> { ["AzureFunctionsJobHost:extensions:http:routePrefix"] = "" });

        var list = Assert.Single(worker.Logs.All, line => line.Text.StartsWith("Functions:", StringComparison.Ordinal));
        var address = worker.Client.BaseAddress!.ToString().TrimEnd('/');
        Assert.Equal(
            ["Functions:", $"\tAny: {address}/Any", $"\tHome: [GET] {address}/", $"\tSave: [POST,PUT] {address}/a/{{id}}", "\tConsume: kafkaTrigger"],
            list.Text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_worker_whose_functions_are_all_disabled_says_so_and_runs()
    {
        await using var worker = await TestWorker.StartAsync(
            [TestFunctions.Http("Only")], new Dictionary<string, string?> { ["AzureWebJobs.Only.Disabled"] = "1" });

        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await worker.Client.GetAsync("/Only")).StatusCode);
        Assert.Single(worker.Logs.All, line => line.Level == LogLevel.Warning && line.Text.StartsWith("No function runs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_unknown_or_wrong_setting_is_one_line_and_the_worker_runs()
    {
        await using var worker = await TestWorker.StartAsync(
            [TestFunctions.Http("Only")],
            new Dictionary<string, string?>
            {
                ["AzureFunctionsJobHost:colour"] = "red",
                ["AzureFunctionsJobHost:extensions:fax"] = "1",
                ["AzureFunctionsJobHost:extensions:http:speed"] = "1",
                ["AzureFunctionsJobHost:extensions:kafka:maxbatchsize"] = "5",
                ["AzureFunctionsJobHost:extensions:kafka:maxBatchSise"] = "5",
                ["SHUTDOWN_DRAIN_SECONDS"] = "soon",
            });

        string[] named = ["AzureFunctionsJobHost:colour", ":extensions:fax", ":http:speed", ":kafka:maxBatchSise", "SHUTDOWN_DRAIN_SECONDS"];
        Assert.All(named, name => Assert.Equal(1, worker.Logs.Count(name)));
        Assert.Equal(named.Length, worker.Logs.All.Count(line => line.Level >= LogLevel.Warning));
        Assert.Equal("Only", await worker.Client.GetStringAsync("/Only"));
    }

    [Fact]
    public async Task An_output_whose_topic_does_not_resolve_is_told_at_start_and_its_function_answers()
    {
        await using var worker = await TestWorker.StartAsync(TestFunctions.HttpWithEvents(
            "Sender", new KafkaOutputAttribute("127.0.0.1:1", "%MISSING%"), () => Microsoft.AspNetCore.Http.Results.Text("fine"), () => "event"));

        Assert.Equal("fine", await worker.Client.GetStringAsync("/Sender"));
        Assert.Single(worker.Logs.All, line => line.Text.Contains("'%MISSING%' does not resolve to a value.", StringComparison.Ordinal));
    }

    [Fact]
    public void Http_functions_need_the_web_application()
    {
        var builder = FunctionsApplication.CreateBuilder([]);
        builder.Functions = [TestFunctions.Http("Only")];

        Assert.Contains("ConfigureFunctionsWebApplication", Assert.Throws<InvalidOperationException>(builder.Build).Message, StringComparison.Ordinal);
    }
}
