using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SimpleTime.Functions.Worker.Http.Connections;

/// <summary>Tells a connection when a request of it is in progress. Safe for use by several threads.</summary>
internal sealed class ConnectionActivity(TimeProvider time)
{
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var connection = http.Features.GetRequiredFeature<TrackedConnection>();
        connection.BeginRequest(http.Features.GetRequiredFeature<IHttpResponseFeature>(), time.GetTimestamp());
        try
        {
            await next(http).ConfigureAwait(false);
        }
        finally
        {
            connection.EndRequest(time.GetTimestamp());
        }
    }
}
