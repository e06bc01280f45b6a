using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Http;

/// <summary>Gives each enabled HTTP function its endpoint.</summary>
internal static class HttpFunctionEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints, FunctionRegistry functions, FunctionExecutionDelegate pipeline)
    {
        var services = endpoints.ServiceProvider;
        var settings = services.GetRequiredService<HostSettings>();
        foreach (var route in functions.Enabled.Where(f => f.Descriptor.Trigger is HttpTriggerAttribute).GroupBy(f => HttpRoute.Of(f, settings).Template))
        {
            var methods = route.SelectMany(MethodsOf).Distinct().ToArray();
            foreach (var function in route)
            {
                var handler = ActivatorUtilities.CreateInstance<HttpFunctionHandler>(services, function, pipeline);
                var endpoint = MethodsOf(function) is { Length: > 0 } own
                    ? endpoints.MapMethods(route.Key, own, http => own.Contains(http.Request.Method) ? handler.HandleAsync(http) : RefuseAsync(http, methods))
                    : endpoints.Map(route.Key, handler.HandleAsync);
                endpoint.WithDisplayName(function.Name).WithMetadata(function, new RouteName(route.Key));
            }
        }
    }

    private static string[] MethodsOf(RegisteredFunction function) =>
        [.. ((HttpTriggerAttribute)function.Descriptor.Trigger).Methods?.Select(method => method.ToUpperInvariant()) ?? []];

    // Routing takes a method in lower case, which is another method (RFC 9110, section 9.1).
    private static Task RefuseAsync(HttpContext http, string[] methods)
    {
        http.Response.Headers.Allow = string.Join(", ", methods);
        return UnmatchedRequests.RefuseMethodAsync(http);
    }

    /// <summary>What metrics and traces call the route.</summary>
    private sealed class RouteName(string route) : IRouteDiagnosticsMetadata
    {
        public string Route => route;
    }
}
