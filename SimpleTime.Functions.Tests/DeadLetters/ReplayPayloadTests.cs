using System.Text;
using System.Text.Json;
using SimpleTime.Functions.DeadLetters;
using Xunit;

namespace SimpleTime.Functions.Tests.DeadLetters;

public sealed class ReplayPayloadTests
{
    private const string Id = "0f4b2c1e-7d7a-8f0e-9a11-223344556677";
    private const string Time = "2026-03-01T12:00:00.123000Z";

    [Theory]
    [InlineData("""{"event_type":"x","data":{"b":1e3,"a":"\u00e4"}}""", """{"event_id":"ID","timestamp":"TIME","event_type":"x","data":{"b":1e3,"a":"\u00e4"}}""")]
    [InlineData("""{"event_id":7,"timestamp":"2026-01-01T00:00:00Z"}""", """{"event_id":"ID","timestamp":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"event_id":"not-a-uuid","event_type":"x"}""", """{"event_id":"ID","timestamp":"TIME","event_type":"x"}""")]
    [InlineData("""{"event_id":"00000000-0000-7000-8000-000000000001"}""", """{"timestamp":"TIME","event_id":"00000000-0000-7000-8000-000000000001"}""")]
    public void An_object_gets_what_it_lacks(string payload, string expected) =>
        Assert.Equal(
            expected.Replace("ID", Id, StringComparison.Ordinal).Replace("TIME", Time, StringComparison.Ordinal),
            Encoding.UTF8.GetString(ReplayPayload.Make(Encoding.UTF8.GetBytes(payload), Id, Time)!));

    [Theory]
    [InlineData("""{ "timestamp": 1, "event_id": "00000000-0000-7000-8000-00000000000A" }""")]
    [InlineData("[]")]
    [InlineData("not JSON")]
    [InlineData("")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":"\ud800"}""")]
    public void Everything_else_is_sent_as_it_is(string payload)
    {
        var bytes = Encoding.UTF8.GetBytes(payload);

        Assert.Equal(bytes, ReplayPayload.Make(bytes, Id, Time));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_sent_as_they_are()
    {
        byte[] bytes = [(byte)'{', 0xff, (byte)'}'];

        Assert.Equal(bytes, ReplayPayload.Make(bytes, Id, Time));
        Assert.Null(ReplayPayload.Make(null, Id, Time));
    }

    [Fact]
    public void What_is_as_deep_as_can_be_read_stays_readable()
    {
        var deep = $$"""{"data":{{string.Concat(Enumerable.Repeat("""{"a":""", 63))}}1{{new string('}', 63)}}}""";

        var made = ReplayPayload.Make(Encoding.UTF8.GetBytes(deep), Id, "")!;

        Assert.Equal(Id, JsonElement.Parse(made).GetProperty("event_id").GetString());
        Assert.False(JsonElement.Parse(made).TryGetProperty("timestamp", out _));
    }
}
