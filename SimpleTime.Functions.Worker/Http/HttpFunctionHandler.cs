using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Kafka.Outputs;

namespace SimpleTime.Functions.Worker.Http;

/// <summary>Turns a request into an invocation, and its outputs into messages and the answer. Safe for use by several threads.</summary>
internal sealed partial class HttpFunctionHandler
{
    private readonly RegisteredFunction _function;
    private readonly FunctionExecutionDelegate _pipeline;
    private readonly FunctionKeys? _keys;
    private readonly FunctionOutputs _outputs;
    private readonly FunctionTelemetry _telemetry;
    private readonly ThrottledLine<Exception> _failures;
    private readonly int _httpOutput;

    public HttpFunctionHandler(
        RegisteredFunction function,
        FunctionExecutionDelegate pipeline,
        FunctionKeys keys,
        OutputBindings outputs,
        InvocationMetrics metrics,
        ThrottledLog throttled,
        ILogger<HttpFunctionHandler> logger)
    {
        _function = function;
        _pipeline = pipeline;
        _keys = function.NeedsKey ? keys : null;
        _outputs = outputs.Of(function);
        _telemetry = new FunctionTelemetry(function, metrics);
        _failures = throttled.CreateLine<Exception>((failure, count) => Log.Failed(logger, failure, function.Name, count));
        _httpOutput = -1;
        for (var i = 0; i < function.Descriptor.Outputs.Count; i++)
        {
            if (function.Descriptor.Outputs[i].Kafka is null)
            {
                _httpOutput = i;
            }
        }
    }

    public async Task HandleAsync(HttpContext http)
    {
        if (HasOtherTransferCoding(http.Request))
        {
            // RFC 9112, section 6.1. The server would pass the body on as it came.
            await new ProblemResult(StatusCodes.Status501NotImplemented, "Of the transfer codings the service knows chunked only.")
                .ExecuteAsync(http).ConfigureAwait(false);
            return;
        }

        if (_keys is not null && !_keys.Allow(http))
        {
            await new ProblemResult(StatusCodes.Status401Unauthorized, "A function key is needed, in the x-functions-key header or as ?code=.")
                .ExecuteAsync(http).ConfigureAwait(false);
            return;
        }

        var invocation = FunctionInvocation.ForRequest(_function, http);
        var started = _telemetry.Now;
        var span = _telemetry.StartSpan(invocation);
        Exception? failure = null;
        try
        {
            failure = await InvokeAsync(invocation, http).ConfigureAwait(false);
        }
        finally
        {
            // What a function throws for its caller's mistake is no failure of the function.
            failure ??= http.Response.StatusCode >= StatusCodes.Status500InternalServerError ? invocation.Failure : null;
            _telemetry.End(span, started, failure);
        }
    }

    private static bool HasOtherTransferCoding(HttpRequest request) =>
        request.Headers.TransferEncoding is { Count: > 0 } codings
        && !(codings.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [var coding]
            && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase));

    private static Task FailAsync(HttpContext http)
    {
        if (http.Response.HasStarted)
        {
            // Half an answer must not look whole.
            http.Abort();
            return Task.CompletedTask;
        }

        http.Response.Clear();
        return new ProblemResult(StatusCodes.Status500InternalServerError, "The function failed.").ExecuteAsync(http);
    }

    /// <returns>What failed and was answered with 500; null when nothing did.</returns>
    private async Task<Exception?> InvokeAsync(FunctionInvocation invocation, HttpContext http)
    {
        try
        {
            await _pipeline(invocation).ConfigureAwait(false);
            var answer = Answer(invocation);

            // Accepted comes before the answer: what a caller reads as done is in the outputs' hands.
            if (!_outputs.Send(invocation))
            {
                http.Features.Set(MessagesNotAccepted.Instance);
            }

            if (answer is not null)
            {
                await answer.ExecuteAsync(http).ConfigureAwait(false);
            }
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // There is nobody to answer.
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await new ProblemResult(e.StatusCode, e.Message).ExecuteAsync(http).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever a function throws is an answer of 500.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failures.Write(e);
            await FailAsync(http).ConfigureAwait(false);
            return e;
        }

        return null;
    }

    // What middleware sets as the result goes before the declared output.
    private IResult? Answer(FunctionInvocation invocation)
    {
        var value = _httpOutput >= 0 && invocation.Result is not IResult ? invocation.Outputs[_httpOutput] : invocation.Result;
        return value is null or IResult
            ? (IResult?)value
            : throw new InvalidOperationException($"The function {_function.Name} answers with a {value.GetType()}, which is no IResult.");
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Error, "The function {Function} failed; {Count} failures since this was last logged.")]
        public static partial void Failed(ILogger logger, Exception exception, string function, long count);
    }
}
