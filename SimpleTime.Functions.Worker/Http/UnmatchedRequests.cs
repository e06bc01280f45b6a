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

        switch (response.StatusCode)
        {
            case StatusCodes.Status404NotFound:
                await new ProblemResult(StatusCodes.Status404NotFound, "There is nothing at this path.").ExecuteAsync(http).ConfigureAwait(false);
                break;
            case StatusCodes.Status405MethodNotAllowed:
                await RefuseMethodAsync(http).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Answers 405 to a request with a method that its path does not answer; the response has the header <c>Allow</c>.</summary>
    public static Task RefuseMethodAsync(HttpContext http) =>
        new ProblemResult(StatusCodes.Status405MethodNotAllowed, $"This path answers {http.Response.Headers.Allow} only.").ExecuteAsync(http);
}
