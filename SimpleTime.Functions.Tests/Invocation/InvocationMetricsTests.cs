using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Invocation;

/// <summary>What is counted of the invocations of HTTP functions.</summary>
public sealed class InvocationMetricsTests : IAsyncLifetime
{
    private TestWorker _worker = null!;

    // As the app does, middleware makes an answer of what a function throws.
    public async Task InitializeAsync() => _worker = await TestWorker.StartAsync(
        [
            TestFunctions.Http("Works", _ => Results.Text("fine")),
            TestFunctions.Http("Fails", _ => throw new InvalidOperationException("broken")),
            TestFunctions.Http("Refuses", _ => throw new FormatException("your fault")),
            TestFunctions.Http("Drains", _ => Results.StatusCode(503)),
        ],
        configure: builder => builder.Use(next => async context =>
        {
            try
            {
                await next(context);
            }
            catch (FormatException)
            {
                context.GetInvocationResult().Value = Results.StatusCode(400);
            }
            catch (InvalidOperationException)
            {
                context.GetInvocationResult().Value = Results.StatusCode(500);
            }
        }));

    public async Task DisposeAsync() => await _worker.DisposeAsync();

    [Theory]
    [InlineData("Works", null)]
    [InlineData("Fails", "System.InvalidOperationException")]
    [InlineData("Refuses", null)]
    [InlineData("Drains", null)]
    public async Task A_failure_is_what_a_function_throws_but_for_a_callers_mistake(string function, string? errorType)
    {
        using var metering = new Metering(_worker.Services.GetRequiredService<IMeterFactory>());

        using var answer = await _worker.Client.GetAsync($"/{function}");

        await Eventually.BecomesTrueAsync(() => metering.Of("faas.invoke_duration").Any());
        var tags = Assert.Single(metering.Of("faas.invoke_duration")).Tags;
        Assert.Equal((function, "http", errorType), ((string?)tags["faas.name"], (string?)tags["faas.trigger"], (string?)tags.GetValueOrDefault("error.type")));
        Assert.Equal((errorType is null ? 1 : 0, errorType is null ? 0 : 1), (metering.Observe("faas.invocations"), metering.Sum("faas.errors")));
    }
}
