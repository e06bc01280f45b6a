using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using SimpleTime.Functions.Answers;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Functions;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Requests;
using SimpleTime.Functions.Tests.Requests;
using Xunit;

namespace SimpleTime.Functions.Tests.Functions;

public sealed class TimeTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 30, 45, TimeSpan.Zero).AddTicks(1234567));
    private readonly IKafka _kafka = Substitute.For<IKafka>();
    private readonly HttpRequest _request = TestRequest.Get("/");

    [Fact]
    public void Answers_200_with_what_it_saw_of_the_request()
    {
        _kafka.IsUp.Returns(true);
        _request.Headers["X-Forwarded-For"] = "203.0.113.9:4711, 10.0.0.1";

        var answer = Run().Answer;

        Assert.Equal(200, answer.Status());
        Assert.Equal("application/json", ((BodyResult)answer).ContentType);
        Assert.Equal(
            """{"message":"Hello, Kafka is UP","timestamp":"2026-03-01T12:30:45.123456Z","user_ip":"203.0.113.9","proxy_chain":["203.0.113.9","10.0.0.1"],"hostname":"pod-1","os":"Linux","pod_ip":"10.1.2.3","kafka_status":"UP"}""",
            answer.Text());
    }

    [Fact]
    public void Answers_200_when_Kafka_is_down_and_says_so()
    {
        var answer = Run().Answer;

        Assert.Equal(200, answer.Status());
        Assert.Equal("Hello, Kafka is NOT UP", answer.Json().GetProperty("message").GetString());
        Assert.Equal("NOT UP", answer.Json().GetProperty("kafka_status").GetString());
    }

    [Fact]
    public void Reads_nothing_of_Kafka_but_whether_it_is_up()
    {
        Run();

        _ = _kafka.Received(1).IsUp;
        _kafka.DidNotReceive().Snapshot();
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8::7", "2001:db8::7")]
    public void Takes_the_connections_address_when_no_header_names_one(string connection, string userIp)
    {
        _request.HttpContext.Connection.RemoteIpAddress = IPAddress.Parse(connection);
        _request.Headers["X-Forwarded-For"] = "unknown";

        var answer = Run().Answer.Json();

        Assert.Equal(userIp, answer.GetProperty("user_ip").GetString());
        Assert.Equal(0, answer.GetProperty("proxy_chain").GetArrayLength());
    }

    [Fact]
    public void Writes_null_for_addresses_that_nobody_knows()
    {
        var answer = Run(podIp: null).Answer.Json();

        Assert.Equal(JsonValueKind.Null, answer.GetProperty("user_ip").ValueKind);
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("pod_ip").ValueKind);
    }

    [Fact]
    public void Emits_an_event_of_the_request_and_one_of_its_response()
    {
        _request.Headers["X-Forwarded-For"] = "203.0.113.9";
        _clock.AutoAdvanceAmount = TimeSpan.FromMicroseconds(420);

        var events = Run().Events!.Select(item => JsonSerializer.SerializeToElement(item, EventJsonContext.Default.ServiceEvent)).ToArray();

        Assert.Equal(2, events.Length);
        Assert.Equal("http_request", events[0].GetProperty("event_type").GetString());
        Assert.Equal(
            """{"user_ip":"203.0.113.9","method":"GET","endpoint":"/","hostname":"pod-1","os":"Linux"}""",
            events[0].GetProperty("data").GetRawText());
        Assert.Equal("http_response", events[1].GetProperty("event_type").GetString());
        var data = events[1].GetProperty("data");
        Assert.Equal(events[0].GetProperty("event_id").GetString(), data.GetProperty("request_id").GetString());
        Assert.Equal("203.0.113.9", data.GetProperty("user_ip").GetString());
        Assert.Equal(200, data.GetProperty("status_code").GetInt32());
        Assert.InRange(data.GetProperty("response_time_ms").GetDouble(), 0.42, 10);
        Assert.Equal(["request_id", "user_ip", "status_code", "response_time_ms"], data.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public void Events_have_ids_of_UUID_version_7_and_the_clocks_time()
    {
        var events = Run().Events!;

        Assert.All(events, item => Assert.Equal(7, Guid.ParseExact(item.EventId, "D").Version));
        Assert.All(events, item => Assert.Equal("2026-03-01T12:30:45.123456Z", item.Timestamp));
        Assert.NotEqual(events[0].EventId, events[1].EventId);
        Assert.Equal(
            _clock.GetUtcNow().ToUnixTimeMilliseconds(),
            Convert.ToInt64(events[0].EventId.Replace("-", "", StringComparison.Ordinal)[..12], 16));
    }

    [Fact]
    public async Task The_body_is_sent_with_its_length()
    {
        var answer = (BodyResult)Run().Answer;
        var http = new DefaultHttpContext();

        var body = await answer.BodyAsync(http);

        Assert.Equal(answer.Body.Length, http.Response.ContentLength);
        Assert.Equal("application/json", http.Response.ContentType);
        Assert.Equal(answer.Body.ToArray(), body);
    }

    private FunctionOutput Run(string? podIp = "10.1.2.3") =>
        new Time(_kafka, new HostIdentity("pod-1", "Linux", podIp), _clock).Run(_request);
}
