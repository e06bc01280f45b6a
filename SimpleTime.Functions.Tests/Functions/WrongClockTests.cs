using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Failures;
using SimpleTime.Functions.Functions;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using SimpleTime.Functions.Worker;
using Xunit;

namespace SimpleTime.Functions.Tests.Functions;

/// <summary>The service on a machine whose clock is wrong by years, or jumps by years.</summary>
public sealed class WrongClockTests : IDisposable
{
    private static readonly string[] _members = ["message", "timestamp", "user_ip", "proxy_chain", "hostname", "os", "pod_ip", "kafka_status"];
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(30);

    private readonly MovableClock _clock = new();
    private readonly TestTopic _topic = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _topic.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00")]
    [InlineData("1969-07-20T20:17:40")]
    [InlineData("9999-12-31T00:00:00")]
    public async Task Requests_are_answered_and_stored_with_the_clocks_time(string now)
    {
        SetClock(now);
        await using var worker = await StartAsync();

        await AnswersAsync(worker, now[..10]);
        await worker.Client.GetAsync("/healthz");
        await AreStoredAsync(1, now[..10]);
        Assert.DoesNotContain(worker.Logs.All, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task A_clock_that_jumps_while_the_service_runs_disturbs_nothing()
    {
        SetClock("2026-11-30T08:00:00");
        await using var worker = await StartAsync();
        await Eventually.BecomesTrueAsync(() => worker.Kafka.IsUp, _deadline);

        string[] jumps = ["2031-02-03T04:05:06", "1969-07-20T20:17:40", "2026-11-30T08:00:00", "9999-12-31T00:00:00", "0001-01-02T00:00:00", "1985-10-26T01:21:00"];
        foreach (var now in jumps)
        {
            SetClock(now);
            await AnswersAsync(worker, now[..10]);
            await PublishesAsync(worker);
            await AreStoredAsync(1, now[..10]);
        }

        Assert.True(worker.Kafka.IsUp);
        Assert.Equal(1, worker.Logs.Count("Kafka is UP"));
        Assert.Equal(jumps.Length, await StoredEvents.CountAsync(Database, "SELECT count(*) FROM custom_events"));
        Assert.Equal(0, await StoredEvents.CountAsync(Database, "SELECT count(*) FROM dead_letters"));
        Assert.DoesNotContain(worker.Logs.All, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public void Events_of_before_1970_have_ids_of_their_own()
    {
        var before = DateTimeOffset.UnixEpoch.AddTicks(-1);

        var events = Enumerable.Range(0, 100).Select(_ => Failure.Of(new InvalidOperationException()).ToEvent(before, "/")).ToArray();

        Assert.Equal(100, events.Select(item => item.EventId).Distinct().Count());
        Assert.All(events, item => Assert.Equal(7, Guid.ParseExact(item.EventId, "D").Version));
        Assert.All(events, item => Assert.Equal("1969-12-31T23:59:59.999999Z", item.Timestamp));
    }

    private string Database => _folder.Combine("events.db");

    private void SetClock(string now) => _clock.Set(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));

    private static async Task AnswersAsync(TestWorker worker, string day)
    {
        using var answer = await worker.Client.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(_members, body.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Matches($@"^{day}T\d\d:\d\d:\d\d\.\d{{6}}Z$", body.RootElement.GetProperty("timestamp").GetString());
    }

    private static async Task PublishesAsync(TestWorker worker)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/kafka/publish") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes("{}")) };
        request.Headers.Add("x-functions-key", ServiceCalls.Key);
        using var answer = await worker.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private Task AreStoredAsync(long requests, string day) => Eventually.EqualsAsync(
        requests,
        () => StoredEvents.CountAsync(
            Database,
            $"SELECT count(*) FROM http_requests q JOIN http_responses r ON r.request_id = q.event_id WHERE q.timestamp LIKE '{day}T%' AND r.timestamp LIKE '{day}T%'"),
        _deadline);

    private Task<TestWorker> StartAsync()
    {
        RuntimeHelpers.RunModuleConstructor(typeof(Time).Module.ModuleHandle);
        var functions = FunctionCatalogue.Snapshot().Where(f => f.EntryPoint.StartsWith("SimpleTime.Functions.", StringComparison.Ordinal)
            && !f.EntryPoint.StartsWith("SimpleTime.Functions.Tests.", StringComparison.Ordinal)).ToArray();
        var settings = new Dictionary<string, string?>(TestTopic.Settings())
        {
            ["KAFKA_BROKERS"] = _topic.Brokers,
            ["KAFKA_TOPIC_EVENTS"] = TestTopic.Name,
            ["KAFKA_CONSUMER_GROUP"] = "wrong-clock",
            ["DB_PATH"] = Database,
            ["EVENT_SPOOL_PATH"] = _folder.Combine("spool"),
            ["FUNCTIONS_KEYS"] = ServiceCalls.Key,
        };
        return TestWorker.StartAsync(functions, settings, builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(_clock);
            builder.Services.AddSimpleTime(builder.Configuration);
            builder.AddHostServices();
            builder.UseMiddleware<ErrorMiddleware>();
        });
    }
}
