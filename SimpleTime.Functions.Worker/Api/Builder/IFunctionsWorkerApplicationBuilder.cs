using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Builds the services and the middleware of the worker.</summary>
public interface IFunctionsWorkerApplicationBuilder
{
    /// <summary>Gets the services of the app.</summary>
    IServiceCollection Services { get; }

    /// <summary>Adds a step to the pipeline, inside of those added before.</summary>
    /// <param name="middleware">Makes the step from the rest of the pipeline.</param>
    IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware);
}
