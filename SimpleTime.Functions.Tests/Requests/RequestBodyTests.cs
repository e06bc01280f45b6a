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

    [Fact]
    public async Task A_body_that_says_it_is_larger_is_refused_unread()
    {
        var request = TestRequest.Post("/", "{}");
        request.ContentLength = 1L << 40;

        await Assert.ThrowsAsync<RequestRefusedException>(() => RequestBody.ReadAsync(request, default));

        Assert.Equal(0, request.Body.Position);
    }
}
