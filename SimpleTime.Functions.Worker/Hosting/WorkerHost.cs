using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Hosting;

namespace SimpleTime.Functions.Worker.Hosting;

/// <summary>Puts the worker together.</summary>
internal static class WorkerHost
{
    public static WebApplicationBuilder CreateBuilder(string[] args) => WebApplication.CreateEmptyBuilder(new WebApplicationOptions
    {
        Args = args,
        ContentRootPath = AppContext.BaseDirectory,
    });

    public static IHost Build(
        WebApplicationBuilder web,
        IReadOnlyList<FunctionDescriptor> functions,
        IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware,
        bool hasWebApplication) => web.Build();
}
