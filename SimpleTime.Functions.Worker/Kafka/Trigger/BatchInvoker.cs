using System.Diagnostics;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Kafka.Outputs;

namespace SimpleTime.Functions.Worker.Kafka.Trigger;

/// <summary>Invokes a Kafka function with a batch, in a scope of its own. Safe for use by several threads.</summary>
internal sealed class BatchInvoker(
    RegisteredFunction function,
    ListenerOptions options,
    FunctionExecutionDelegate pipeline,
    FunctionOutputs outputs,
    IServiceScopeFactory scopes,
    FunctionTelemetry telemetry,
    TriggerMetrics metrics)
{
    /// <param name="batch">The batch.</param>
    /// <param name="poll">The span of its poll.</param>
    /// <param name="retry">Which attempt it is.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for the function any more.</param>
    /// <exception cref="Exception">Whatever the function throws.</exception>
    public async Task InvokeAsync(InvocationBatch batch, ActivityContext poll, RetryPosition retry, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            foreach (var undecodable in batch.Undecodable)
            {
                await scope.ServiceProvider.GetRequiredService<IUndecodableBatches>().KeepAsync(undecodable, cancellationToken).ConfigureAwait(false);
            }

            if (batch.Records.Length == 0)
            {
                return;
            }

            var invocation = FunctionInvocation.ForRecords(function, scope.ServiceProvider, batch.Records, retry, cancellationToken);
            var started = telemetry.Now;
            metrics.Started(options, batch.Records.Length, retry.RetryCount);
            var span = ConsumerSpans.StartProcess(options, batch, poll);
            telemetry.Describe(span, invocation);
            Exception? failure = null;
            try
            {
                await pipeline(invocation).ConfigureAwait(false);
                outputs.Send(invocation);
            }
            catch (Exception e)
            {
                failure = e;
                throw;
            }
            finally
            {
                metrics.Ended(options, started, failure);
                telemetry.End(span, started, failure);
            }
        }
    }
}
