using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using SimpleTime.Functions.Functions;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.AzureHost;

/// <summary>Remembers why <see cref="PersistEvents"/> fails, until it succeeds again. Safe for use by several threads.</summary>
internal sealed class ConsumerFailure : IFunctionsWorkerMiddleware
{
    private volatile string? _reason;

    /// <summary>Gets why the last batch was not stored, at most 512 characters on one line; null when it was.</summary>
    public string? Reason => _reason;

    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next) =>
        context.FunctionDefinition.Name == nameof(PersistEvents) ? WatchAsync(context, next) : next(context);

    private async Task WatchAsync(FunctionContext context, FunctionExecutionDelegate next)
    {
        try
        {
            await next(context);
            _reason = null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _reason = SafeText.OneLine(exception.Message, 512);
            throw;
        }
    }
}
