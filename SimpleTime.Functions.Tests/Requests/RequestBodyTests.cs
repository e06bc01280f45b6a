using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Requests;
using Xunit;

namespace SimpleTime.Functions.Tests.Requests;

public sealed class RequestBodyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64 * 1024)]
    public async Task A_body_of_up_to_64_KiB_is_read_whole(int length)
    {
        var body = new byte[length];
        Random.Shared.NextBytes(body);

        Assert.Equal(body, await RequestBody.ReadAsync(TestRequest.Post("/", body), default));
        Assert.Equal(body, await RequestBody.ReadAsync(TestRequest.Post("/", body, withLength: false), default));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_larger_body_is_refused_with_413(bool withLength)
    {
        var request = TestRequest.Post("/", new byte[(64 * 1024) + 1], withLength);

        var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => RequestBody.ReadAsync(request, default));

        Assert.Equal(StatusCodes.Status413PayloadTooLarge, refused.StatusCode);
    }

    [Theory]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=ISO-8859-1")]
    [InlineData("text/plain;CHARSET=\"latin1\"")]
    [InlineData("application/json; charset=utf-7")]
    public async Task Another_charset_is_refused_with_415_that_names_UTF_8(string type)
    {
        var refused = await RefusedAsync(request => request.ContentType = type);

        Assert.Equal(StatusCodes.Status415UnsupportedMediaType, refused.StatusCode);
        Assert.Contains("UTF-8", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("identity, br")]
    [InlineData("zstd,")]
    [InlineData("nonsense")]
    public async Task A_content_coding_is_refused_with_415(string coding)
    {
        Assert.Equal(415, (await RefusedAsync(request => request.Headers.ContentEncoding = coding)).StatusCode);
        Assert.Equal(415, (await RefusedAsync(request => request.Headers.ContentEncoding = new(["identity", coding]))).StatusCode);
    }

    [Fact]
    public async Task What_the_headers_tell_is_refused_before_the_size()
    {
        var request = TestRequest.Post("/", new byte[(64 * 1024) + 1]);
        request.Headers.ContentEncoding = "gzip";

        Assert.Equal(415, (await Assert.ThrowsAsync<RequestRefusedException>(() => RequestBody.ReadAsync(request, default))).StatusCode);
        Assert.Equal(0, request.Body.Position);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("application/x-www-form-urlencoded", "identity")]
    [InlineData("application/json; charset=utf-8", "Identity, identity")]
    [InlineData("application/json; charset=\"UTF-8\"", " , ")]
    [InlineData("application/json;charset=UTF8", "")]
    [InlineData("text/plain; charset=us-ascii", "")]
    [InlineData("application/json; charset=", "")]
    [InlineData("no type at all", "")]
    public async Task Every_other_header_is_taken(string? type, string coding)
    {
        var request = TestRequest.Post("/", "{}");
        request.ContentType = type;
        request.Headers.ContentEncoding = coding;

        Assert.Equal("{}"u8.ToArray(), await RequestBody.ReadAsync(request, default));
    }

    [Fact]
    public async Task A_body_that_says_it_is_larger_is_refused_unread()
    {
        var request = TestRequest.Post("/", "{}");
        request.ContentLength = 1L << 40;

        await Assert.ThrowsAsync<RequestRefusedException>(() => RequestBody.ReadAsync(request, default));

        Assert.Equal(0, request.Body.Position);
    }

    private static async Task<RequestRefusedException> RefusedAsync(Action<HttpRequest> set)
    {
        var request = TestRequest.Post("/", "{}");
        set(request);
        return await Assert.ThrowsAsync<RequestRefusedException>(() => RequestBody.ReadAsync(request, default));
    }
}
