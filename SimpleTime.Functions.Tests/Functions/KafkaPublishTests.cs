using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Failures;
using SimpleTime.Functions.Functions;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Requests;
using SimpleTime.Functions.Tests.Requests;
using Xunit;

namespace SimpleTime.Functions.Tests.Functions;

public sealed class KafkaPublishTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly IKafka _kafka = Substitute.For<IKafka>();

    public KafkaPublishTests()
    {
        _kafka.IsUp.Returns(true);
        _kafka.IsAccepted(Arg.Any<HttpContext>()).Returns(true);
    }

    [Fact]
    public async Task Answers_200_with_the_event_that_it_emits()
    {
        var output = await Run("""{"event_type":"order.created-v1","data":{"id":7,"name":"Zoë \"Z\"","tags":[true,null,1.50]}}""");

        var (status, answer) = await Executed(output);
        Assert.Equal(200, status);
        Assert.Equal("success", answer.GetProperty("status").GetString());
        Assert.False(string.IsNullOrEmpty(answer.GetProperty("message").GetString()));
        var accepted = Assert.Single(output.Events!);
        Assert.Equal("order.created-v1", accepted.EventType);
        Assert.Equal("2026-03-01T12:00:00.000000Z", accepted.Timestamp);
        var sent = JsonSerializer.SerializeToElement(accepted, EventJsonContext.Default.ServiceEvent);
        Assert.True(JsonElement.DeepEquals(sent, answer.GetProperty("event")));
        Assert.True(JsonElement.DeepEquals(
            JsonElement.Parse("""{"id":7,"name":"Zoë \"Z\"","tags":[true,null,1.50]}"""), sent.GetProperty("data")));
    }

    [Fact]
    public async Task Answers_503_when_the_output_did_not_take_the_event()
    {
        _kafka.IsAccepted(Arg.Any<HttpContext>()).Returns(false);

        var (status, answer) = await Executed(await Run("{}"));

        Assert.Equal(503, status);
        Assert.Contains("not accepted", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public async Task A_body_in_another_encoding_is_told_to_be_UTF_8_and_not_that_it_is_no_JSON(string encoding)
    {
        foreach (var preamble in (bool[])[true, false])
        {
            var text = Encoding.GetEncoding(encoding);
            byte[] body = [.. preamble ? text.GetPreamble() : [], .. text.GetBytes("{}")];

            var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => Run(body));

            Assert.Equal(400, refused.StatusCode);
            Assert.Contains("UTF-8", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("JSON", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData(" \r\n{ } ")]
    [InlineData("\uFEFF{}")]
    public async Task Both_members_have_defaults(string body)
    {
        var accepted = Assert.Single((await Run(body)).Events!);

        Assert.Equal("custom_event", accepted.EventType);
        Assert.Equal("{}", ((CustomData)accepted.Data).Value.GetRawText());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("A.b_c-9")]
    [InlineData("errors")]
    [InlineData("http_requests")]
    public async Task Takes_other_names_of_events(string eventType) =>
        Assert.Equal(eventType, Assert.Single((await Run($$"""{"event_type":"{{eventType}}"}""")).Events!).EventType);

    [Fact]
    public async Task Takes_a_name_of_128_characters_and_refuses_129()
    {
        Assert.NotNull((await Run($$"""{"event_type":"{{new string('a', 128)}}"}""")).Events);
        await Refused(400, $$"""{"event_type":"{{new string('a', 129)}}"}""");
    }

    [Theory]
    [InlineData("http_request")]
    [InlineData("http_response")]
    [InlineData("error")]
    [InlineData("HTTP-Request")]
    [InlineData("http.response")]
    [InlineData("Error")]
    [InlineData("_error_")]
    [InlineData("httprequest")]
    [InlineData("http__request")]
    [InlineData("\\u0065rror")]
    public async Task Refuses_the_names_of_the_services_own_events_and_what_looks_like_them(string eventType) =>
        Assert.Contains("reserved", (await Refused(400, $$"""{"event_type":"{{eventType}}"}""")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"a b\"")]
    [InlineData("\"a/b\"")]
    [InlineData("\"é\"")]
    [InlineData("\"a\\u0000\"")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("{}")]
    public async Task Refuses_what_is_not_a_name_of_an_event(string eventType) =>
        Assert.Contains("\"event_type\"", (await Refused(400, $$"""{"event_type":{{eventType}}}""")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("1")]
    public async Task Refuses_data_that_is_not_an_object(string data) =>
        Assert.Contains("\"data\"", (await Refused(400, $$"""{"data":{{data}}}""")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"{}\"")]
    public async Task Refuses_a_body_that_is_not_an_object_and_shows_what_to_send(string body) =>
        Assert.Contains("""{"event_type":"custom_event","data":{}}""", (await Refused(400, body)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{}x")]
    [InlineData("{\"data\":{},}")]
    [InlineData("{/*comment*/}")]
    [InlineData("{'data':{}}")]
    [InlineData("{\"data\":{\"a\":NaN}}")]
    [InlineData("{\"data\":{},\"data\":{}}")]
    [InlineData("{\"data\":{\"a\":1,\"a\":2}}")]
    [InlineData("{\"data\":{\"a\":1,\"\\u0061\":2}}")]
    [InlineData("{\"data\":{\"a\":\"\\ud800\"}}")]
    [InlineData("{\"data\":{\"\\udc00\":1}}")]
    public async Task Refuses_what_is_not_strict_JSON(string body) =>
        Assert.Equal(400, Failure.Of(await Assert.ThrowsAnyAsync<JsonException>(() => Run(body))).StatusCode);

    [Fact]
    public async Task Refuses_invalid_UTF_8()
    {
        byte[] body = [.. "{\"data\":{\"a\":\""u8, 0xC3, 0x28, .. "\"}}"u8];

        var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => Run(body));

        Assert.Equal(400, refused.StatusCode);
    }

    [Fact]
    public async Task Takes_nesting_of_64_and_refuses_65()
    {
        var output = await Run(Nested(64));

        Assert.NotNull(JsonSerializer.Serialize(output.Events!, EventJsonContext.Default.ServiceEventArray));
        Assert.Equal("success", (await Executed(output)).Answer.GetProperty("status").GetString());
        await Assert.ThrowsAnyAsync<JsonException>(() => Run(Nested(65)));
    }

    [Fact]
    public async Task Refuses_an_unknown_member_by_its_name_made_safe()
    {
        var refused = await Refused(400, """{"Data":{}}""");
        Assert.StartsWith("Unknown member \"Data\".", refused.Message, StringComparison.Ordinal);

        var hostile = await Refused(400, $$"""{"a\r\n\u001b[31m\u202e{{new string('x', 1000)}}":1}""");
        Assert.Contains($"\"a   [31m {new string('x', 64 - 9)}\"", hostile.Message, StringComparison.Ordinal);
        Assert.True(hostile.Message.Length < 512);
    }

    [Fact]
    public async Task Checks_the_size_then_the_body_then_Kafka()
    {
        _kafka.IsUp.Returns(false);

        await Refused(413, new string('x', (64 * 1024) + 1));
        await Refused(400, "[]");
        Assert.Contains("NOT UP", (await Refused(503, "{}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_a_body_of_64_KiB()
    {
        var head = "{\"data\":{\"a\":\"";
        var body = head + new string('<', (64 * 1024) - head.Length - 3) + "\"}}";

        var output = await Run(body);

        Assert.Equal(64 * 1024, Encoding.UTF8.GetByteCount(body));
        var message = JsonSerializer.SerializeToUtf8Bytes(output.Events![0], EventJsonContext.Default.ServiceEvent);
        Assert.True(message.Length < 1_000_000, "The Kafka output takes messages of up to 1 000 000 bytes.");
    }

    private static string Nested(int depth) =>
        "{\"data\":" + string.Concat(Enumerable.Repeat("{\"a\":", depth - 2)) + "{}" + new string('}', depth - 1);

    private async Task<RequestRefusedException> Refused(int statusCode, string body)
    {
        var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => Run(body));
        Assert.Equal(statusCode, refused.StatusCode);
        return refused;
    }

    private static async Task<(int Status, JsonElement Answer)> Executed(FunctionOutput output)
    {
        var http = new DefaultHttpContext();
        var body = await output.Answer.BodyAsync(http);
        return (http.Response.StatusCode, JsonElement.Parse(body, new JsonDocumentOptions { MaxDepth = 128 }));
    }

    private Task<FunctionOutput> Run(string body) => Run(Encoding.UTF8.GetBytes(body));

    private Task<FunctionOutput> Run(byte[] body) =>
        new KafkaPublish(_kafka, _clock).RunAsync(TestRequest.Post("/kafka/publish", body), default);
}
