using System.Net;
using System.Text;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

public sealed class BadInputTests : IAsyncLifetime
{
    private ServiceProcess _service = null!;

    public static TheoryData<string, byte[]> BadBodies => new()
    {
        { "not JSON", "{\"event_type\":"u8.ToArray() },
        { "an array", "[]"u8.ToArray() },
        { "invalid UTF-8", [.. "{\"event_type\":\"a"u8, 0xff, .. "\"}"u8] },
        { "a number for a type", "{\"event_type\":1}"u8.ToArray() },
        { "an empty type", "{\"event_type\":\"\"}"u8.ToArray() },
        { "a type with a space", "{\"event_type\":\"a b\"}"u8.ToArray() },
        { "an overlong type", Encoding.UTF8.GetBytes($"{{\"event_type\":\"{new string('a', 129)}\"}}") },
        { "a reserved type", "{\"event_type\":\"http_request\"}"u8.ToArray() },
        { "a look-alike of a reserved type", "{\"event_type\":\"HTTP-Request\"}"u8.ToArray() },
        { "deep nesting", Encoding.UTF8.GetBytes($"{{\"data\":{string.Concat(Enumerable.Repeat("{\"a\":", 3000))}1{new string('}', 3000)}}}") },
        { "an unknown member", "{\"type\":\"a\"}"u8.ToArray() },
    };

    public async Task InitializeAsync()
    {
        _service = await ServiceProcess.StartAsync(ServiceCalls.Settings("embedded"));
        await _service.BecomesUpAsync();
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task A_bad_body_is_a_400_with_a_detail_and_an_error_row(string name, byte[] body)
    {
        var (status, problem) = await _service.PostAsync("/kafka/publish", body);

        Assert.True(status == HttpStatusCode.BadRequest, name);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        await Eventually.EqualsAsync(1L, () => StoredEvents.CountAsync(
            _service.DatabasePath, "SELECT count(*) FROM errors WHERE endpoint = '/kafka/publish' AND error_message <> ''"));
    }

    [Fact]
    public async Task A_megabyte_is_a_413_with_an_error_row()
    {
        var (status, _) = await _service.PostAsync("/kafka/publish", new byte[1_000_000]);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        await Eventually.EqualsAsync(1L, () => StoredEvents.CountAsync(_service.DatabasePath, "SELECT count(*) FROM errors"));
    }

    [Fact]
    public async Task Without_a_key_or_with_a_wrong_one_nothing_is_published()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await _service.PostAsync("/kafka/publish", "{}"u8.ToArray(), key: null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _service.PostAsync("/kafka/publish", new byte[1_000_000], key: "wrong")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _service.PostAsync("/kafka/flush?code=wrong", [], key: null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await _service.PostAsync($"/kafka/flush?code={ServiceCalls.Key}", [], key: null)).Status);
    }

    [Fact]
    public async Task Rubbish_in_a_forwarding_header_is_dropped()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", string.Concat(Enumerable.Repeat("rubbish;,", 30 * 1024 / 9)));

        using var response = await _service.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"proxy_chain\":[]", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_custom_event_becomes_a_row_with_its_data()
    {
        var (status, answer) = await _service.PublishAsync("""{"event_type":"order.placed","data":{"id":7,"text":"ä"}}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("order.placed", answer.GetProperty("event").GetProperty("event_type").GetString());
        Assert.Equal(HttpStatusCode.OK, (await _service.PostAsync("/kafka/flush", [])).Status);
        await Eventually.EqualsAsync(1L, () => StoredEvents.CountAsync(
            _service.DatabasePath, "SELECT count(*) FROM custom_events WHERE event_type = 'order.placed' AND json_extract(data, '$.id') = 7"));
    }
}
