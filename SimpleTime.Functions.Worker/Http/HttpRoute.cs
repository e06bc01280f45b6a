using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Worker.Hosting;
using SimpleTime.Functions.Worker.Invocation;

namespace SimpleTime.Functions.Worker.Http;

/// <summary>The route of an HTTP function.</summary>
/// <param name="Template">The template as ASP.NET Core routing takes it.</param>
/// <param name="Display">The route as people and metrics read it: the root is <c>/</c>.</param>
internal sealed record HttpRoute(string Template, string Display)
{
    // The official host takes the root route in this form only.
    private const string OfficialRoot = "{ignored:maxlength(0)?}";

    public static HttpRoute Of(RegisteredFunction function, HostSettings settings)
    {
        var route = ((HttpTriggerAttribute)function.Descriptor.Trigger).Route ?? function.Name;
        var prefix = settings.RoutePrefix;
        var template = prefix.Length == 0 ? $"/{route}" : $"/{prefix}/{route}";
        return new HttpRoute(template, route == OfficialRoot ? $"/{prefix}" : template);
    }
}
