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
    /// <exception cref="Exception">Whatever the function throws.</exception>
    public async Task InvokeAsync(InvocationBatch batch, RetryPosition retry, CancellationToken cancellationToken)
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
            var span = ConsumerSpans.StartProcess(options, batch);
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
