using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SimpleTime.Functions.Events;
using Xunit;

namespace SimpleTime.Functions.Tests.Events;

public sealed class ServiceEventJsonTests
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly JsonSerializerOptions _web = Reflection(new(JsonSerializerDefaults.Web));

    // What the official worker serializes outputs with.
    private static readonly JsonSerializerOptions _official = Reflection(new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
    });

    public static TheoryData<string> EventTypes { get; } = ["http_request", "http_response", "error", "custom_event"];

    [Theory]
    [MemberData(nameof(EventTypes))]
    public void Every_serializer_writes_the_same_bytes(string eventType)
    {
        var item = Sample(eventType);

        var generated = JsonSerializer.SerializeToUtf8Bytes(item, EventJsonContext.Default.ServiceEvent);

        Assert.Equal(generated, JsonSerializer.SerializeToUtf8Bytes(item, _web));
        Assert.Equal(generated, JsonSerializer.SerializeToUtf8Bytes(item, _official));
    }

    [Theory]
    [MemberData(nameof(EventTypes))]
    public void The_hosts_HTTP_options_find_the_generated_type_and_write_the_same_JSON(string eventType)
    {
        using var services = new ServiceCollection()
            .AddLogging().AddSimpleTime(new ConfigurationManager()).BuildServiceProvider();
        var options = services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var item = Sample(eventType);

        var type = Assert.IsType<JsonTypeInfo<ServiceEvent>>(options.GetTypeInfo(typeof(ServiceEvent)), exactMatch: false);

        Assert.Same(EventJsonContext.Default, type.OriginatingResolver);
        Assert.True(JsonElement.DeepEquals(
            JsonSerializer.SerializeToElement(item, EventJsonContext.Default.ServiceEvent), JsonSerializer.SerializeToElement(item, type)));
    }

    [Theory]
    [InlineData("http_request", """{"user_ip":null,"method":"GET","endpoint":"/","hostname":"pod-1","os":"Linux"}""")]
    [InlineData("http_response", """{"request_id":"0","user_ip":"::1","status_code":200,"response_time_ms":0.42}""")]
    [InlineData("error", """{"error_message":"Bad \u0022x\u0022","error_type":"JsonException","endpoint":"/kafka/publish"}""")]
    [InlineData("custom_event", """{ "b": 1.50, "a": {"Name":"Zoë"}, "c": [null, 1E400] }""")]
    public void An_event_is_the_JSON_object_of_the_contract(string eventType, string data)
    {
        var item = Sample(eventType);

        Assert.Equal(
            $$"""{"event_id":"{{item.EventId}}","timestamp":"2026-03-01T12:00:00.000000Z","event_type":"{{eventType}}","data":{{data}}}""",
            JsonSerializer.Serialize(item, EventJsonContext.Default.ServiceEvent));
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00.0000000Z", "0001-01-01T00:00:00.000000Z")]
    [InlineData("2026-03-01T23:59:59.9999999Z", "2026-03-01T23:59:59.999999Z")]
    [InlineData("2026-03-01T00:30:00+02:00", "2026-02-28T22:30:00.000000Z")]
    public void A_time_is_written_in_UTC_to_the_microsecond(string time, string text) =>
        Assert.Equal(text, UtcTimestamp.Format(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)));

    private static ServiceEvent Sample(string eventType) => ServiceEvent.Create(_now, eventType, eventType switch
    {
        "http_request" => new HttpRequestData { UserIp = null, Method = "GET", Endpoint = "/", Hostname = "pod-1", Os = "Linux" },
        "http_response" => new HttpResponseData { RequestId = "0", UserIp = "::1", StatusCode = 200, ResponseTimeMs = 0.42 },
        "error" => new ErrorData { ErrorMessage = "Bad \"x\"", ErrorType = "JsonException", Endpoint = "/kafka/publish" },
        _ => new CustomData(JsonElement.Parse("""{ "b": 1.50, "a": {"Name":"Zoë"}, "c": [null, 1E400] }""")),
    });

    private static JsonSerializerOptions Reflection(JsonSerializerOptions options)
    {
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        return options;
    }
}
