using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Worker.Invocation;

namespace SimpleTime.Functions.Worker.Http;

/// <summary>Answers what routing refuses: an unknown path (404) or a known one with the wrong method (405 with <c>Allow</c>).</summary>
internal static class UnmatchedRequests
{
    public static async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        await next(http).ConfigureAwait(false);
        var response = http.Response;
        if (response.HasStarted || http.GetEndpoint()?.Metadata.GetMetadata<RegisteredFunction>() is not null)
        {
            return;
        }

        var detail = response.StatusCode switch
        {
            StatusCodes.Status404NotFound => "There is nothing at this path.",
            StatusCodes.Status405MethodNotAllowed => $"This path answers {response.Headers.Allow} only.",
            _ => null,
        };
        if (detail is not null)
        {
            await new ProblemResult(response.StatusCode, detail).ExecuteAsync(http).ConfigureAwait(false);
        }
    }
}
