using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Worker.Invocation;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Reads an invocation's HTTP side.</summary>
public static class FunctionContextExtensions
{
    /// <summary>Returns the HTTP context of an HTTP function's invocation; null for a function with another trigger.</summary>
    /// <param name="context">The invocation.</param>
    public static HttpContext? GetHttpContext(this FunctionContext context) => FunctionInvocation.Of(context).HttpContext;
}
