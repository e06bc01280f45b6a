using System.Text;
using System.Text.Json;
using SimpleTime.Functions.AzureHost;
using SimpleTime.Functions.Events;
using Xunit;

namespace SimpleTime.Functions.Tests.AzureHost;

public sealed class EventTextConverterTests
{
    private static readonly JsonSerializerOptions _options = new() { Converters = { new EventTextConverter() } };

    [Theory]
    [InlineData("""{"a":1.10,"b":1e400,"c":-0.0,"d":12345678901234567890}""")]
    [InlineData("""{ "a" : [ 1 ,2 ] , "b":"\u00e9 é 😀 \ud83d\ude00 <&>'\"\\\/ \n" }""")]
    [InlineData("""{"a":"2026-03-01T12:00:00Z"}""")]
    [InlineData("{}")]
    public void An_event_is_a_string_of_the_bytes_that_the_container_host_sends(string data)
    {
        ServiceEvent[] events =
        [
            ServiceEvent.Create(DateTimeOffset.UnixEpoch, "order", new CustomData(JsonElement.Parse(data))),
            ServiceEvent.Create(DateTimeOffset.UnixEpoch, ServiceEvent.Error, new ErrorData { ErrorMessage = "\"é\"", ErrorType = "T", Endpoint = "/" }),
        ];

        var texts = JsonSerializer.Deserialize<string[]>(JsonSerializer.SerializeToUtf8Bytes(events, _options))!;

        Assert.Equal(
            events.Select(value => JsonSerializer.SerializeToUtf8Bytes(value, EventJsonContext.Default.ServiceEvent)), texts.Select(Encoding.UTF8.GetBytes));
        Assert.Contains(data, texts[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_of_the_largest_body_is_no_larger_than_on_the_container_host()
    {
        var data = $$"""{"a":[{{string.Join(',', Enumerable.Repeat("[[[[1]]]]", 6_000))}}]}""";
        ServiceEvent[] events = [ServiceEvent.Create(DateTimeOffset.UnixEpoch, "order", new CustomData(JsonElement.Parse(data)))];

        var text = Assert.Single(JsonSerializer.Deserialize<string[]>(JsonSerializer.SerializeToUtf8Bytes(events, _options))!);

        Assert.InRange(text.Length, data.Length, data.Length + 200);
    }
}
