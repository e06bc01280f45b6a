using System.Net;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.WholePath;

/// <summary>HEAD, which a server has to answer wherever it answers GET (RFC 9110, section 9.1). Also run on the native binary.</summary>
[Trait("Category", "Smoke")]
public sealed class HeadTests
{
    [Fact]
    public async Task Each_route_answers_as_to_GET_without_the_body()
    {
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings("embedded"));
        await service.BecomesUpAsync();
        foreach (var path in (string[])["/", "/healthz", "/readyz", "/metrics", "/kafka/status"])
        {
            using var get = await service.Client.GetAsync(new Uri(path, UriKind.Relative));
            using var request = new HttpRequestMessage(HttpMethod.Head, path);
            using var head = await service.Client.SendAsync(request);

            Assert.Equal((HttpStatusCode.OK, path), (head.StatusCode, path));
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());

            // What it counts and the time, in which lengths may differ.
            if (path is "/" or "/healthz" or "/readyz")
            {
                Assert.Equal((get.Content.Headers.ContentLength, path), (head.Content.Headers.ContentLength, path));
            }
        }

        const string Sql = "SELECT count(*) FROM http_requests JOIN http_responses ON request_id = http_requests.event_id WHERE endpoint = '/' AND method = ";
        await Eventually.EqualsAsync(1L, () => StoredEvents.CountAsync(service.DatabasePath, Sql + "'HEAD'"));
        Assert.Equal(1, await StoredEvents.CountAsync(service.DatabasePath, Sql + "'GET'"));
    }
}
