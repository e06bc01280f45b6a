using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Http;

/// <summary>The route of an HTTP function.</summary>
/// <param name="Template">The template as ASP.NET Core routing takes it; the root is <c>/</c>.</param>
internal sealed record HttpRoute(string Template)
{
    // The official host takes the root route in this form only.
    private const string OfficialRoot = "{ignored:maxlength(0)?}";

    public static HttpRoute Of(RegisteredFunction function, HostSettings settings)
    {
        var route = ((HttpTriggerAttribute)function.Descriptor.Trigger).Route ?? function.Name;
        var prefix = settings.RoutePrefix;
        // As a parameter it would make every unknown path a known one with a wrong method.
        return route == OfficialRoot ? new HttpRoute($"/{prefix}") : new HttpRoute(prefix.Length == 0 ? $"/{route}" : $"/{prefix}/{route}");
    }
}
