using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Worker.Hosting;

namespace SimpleTime.Functions.Worker.Http;

/// <summary>Gives each enabled HTTP function its endpoint.</summary>
internal static class HttpFunctionEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints, FunctionRegistry functions, FunctionExecutionDelegate pipeline)
    {
        var services = endpoints.ServiceProvider;
        var settings = services.GetRequiredService<HostSettings>();
        foreach (var function in functions.Enabled.Where(f => f.Descriptor.Trigger is HttpTriggerAttribute))
        {
            var trigger = (HttpTriggerAttribute)function.Descriptor.Trigger;
            var route = HttpRoute.Of(function, settings);
            var handler = ActivatorUtilities.CreateInstance<HttpFunctionHandler>(services, function, pipeline);
            var endpoint = trigger.Methods is { Length: > 0 } methods
                ? endpoints.MapMethods(route.Template, methods.Select(m => m.ToUpperInvariant()), handler.HandleAsync)
                : endpoints.Map(route.Template, handler.HandleAsync);
            endpoint.WithDisplayName(function.Name).WithMetadata(function, new RouteName(route.Template));
        }
    }

    /// <summary>What metrics and traces call the route.</summary>
    private sealed class RouteName(string route) : IRouteDiagnosticsMetadata
    {
        public string Route => route;
    }
}
