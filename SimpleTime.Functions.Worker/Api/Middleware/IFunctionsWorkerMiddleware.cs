namespace Microsoft.Azure.Functions.Worker.Middleware;

/// <summary>Runs around each invocation. One instance serves all invocations at once.</summary>
public interface IFunctionsWorkerMiddleware
{
    /// <summary>Runs the invocation by calling <paramref name="next"/>, or answers in its stead.</summary>
    /// <param name="context">The invocation.</param>
    /// <param name="next">The rest of the pipeline.</param>
    Task Invoke(FunctionContext context, FunctionExecutionDelegate next);
}
