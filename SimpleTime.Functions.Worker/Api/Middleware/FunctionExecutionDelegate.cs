namespace Microsoft.Azure.Functions.Worker.Middleware;

/// <summary>A step of the pipeline that ends in the function.</summary>
/// <param name="context">The invocation.</param>
public delegate Task FunctionExecutionDelegate(FunctionContext context);
