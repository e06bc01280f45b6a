using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using SimpleTime.Functions.Answers;
using SimpleTime.Functions.Events;

namespace SimpleTime.Functions.Failures;

/// <summary>
/// Turns what an HTTP function throws into a problem answer and, where the function emits events, into an
/// <c>error</c> event. What other functions throw goes on to the host, which logs and repeats it: they emit nothing, since
/// an outage of the store would feed itself.
/// </summary>
internal sealed class ErrorMiddleware(FailureLog log, TimeProvider time) : IFunctionsWorkerMiddleware
{
    // Not a registered status code, but the customary one for a caller who left; nobody reads it.
    private static readonly BodyResult _callerLeft = BodyResult.Empty(StatusCodes.Status499ClientClosedRequest);

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (context.GetHttpContext() is { } http)
        {
            Answer(context, http, exception);
        }
    }

    private void Answer(FunctionContext context, HttpContext http, Exception exception)
    {
        if (Failure.IsAbort(exception, http.RequestAborted.IsCancellationRequested))
        {
            SetOutputs(context, _callerLeft, null);
            return;
        }

        var failure = Failure.Of(exception);
        if (failure.IsOurs)
        {
            log.Write(context.FunctionDefinition.Name, exception);
        }

        SetOutputs(
            context,
            failure.ToAnswer(),
            failure.IsRecorded ? [failure.ToEvent(time.GetUtcNow(), http.Request.Path.Value ?? "/")] : null);
    }

    private static void SetOutputs(FunctionContext context, IResult answer, ServiceEvent[]? events)
    {
        var isDeclared = false;
        foreach (var output in context.GetOutputBindings<object>())
        {
            switch (output.BindingType)
            {
                case "http":
                    output.Value = answer;
                    isDeclared = true;
                    break;
                // Null is a value that the official host cannot bind, and fails the invocation for; what is unset sends nothing.
                case "kafka" when events is not null:
                    output.Value = events;
                    break;
            }
        }

        if (!isDeclared)
        {
            context.GetInvocationResult().Value = answer;
        }
    }
}
