using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Http;

/// <summary>What an HTTP function's invocation is made of, and the metric that counts it.</summary>
public sealed class HttpInvocationTests
{
    [Fact]
    public async Task The_context_describes_the_function_and_its_invocation()
    {
        var contexts = new List<FunctionContext>();
        var kafka = new KafkaOutputAttribute("127.0.0.1:1", "events");
        await using var worker = await TestWorker.StartAsync(
            [TestFunctions.HttpWithEvents("F", kafka, () => null, () => null)],
            configure: builder => builder.Use(next => context =>
            {
                contexts.Add(context);
                Assert.NotNull(context.GetHttpContext());
                Assert.Same(context.GetHttpContext()!.RequestServices, context.InstanceServices);
                Assert.True(context.CancellationToken is { CanBeCanceled: true, IsCancellationRequested: false });
                context.Items["key"] = "value";
                Assert.Equal("value", context.Items["key"]);
                return next(context);
            }));

        (await worker.Client.GetAsync("/F")).EnsureSuccessStatusCode();
        (await worker.Client.GetAsync("/F")).EnsureSuccessStatusCode();

        var definition = contexts[0].FunctionDefinition;
        Assert.Equal(("F", "Tests.F.Run"), (definition.Name, definition.EntryPoint));
        Assert.Equal(definition.Id, contexts[0].FunctionId);
        var trigger = Assert.Single(definition.InputBindings).Value;
        Assert.Equal(("request", "httpTrigger", BindingDirection.In), (trigger.Name, trigger.Type, trigger.Direction));
        Assert.Equal(["Answer:http:Out", "Events:kafka:Out"],
            definition.OutputBindings.Values.Select(b => $"{b.Name}:{b.Type}:{b.Direction}").Order());
        Assert.Equal((0, 0), (contexts[0].RetryContext.RetryCount, contexts[0].RetryContext.MaxRetryCount));
        Assert.NotEmpty(contexts[0].InvocationId);
        Assert.Equal(contexts[0].InvocationId, contexts[0].InvocationId);
        Assert.NotEqual(contexts[0].InvocationId, contexts[1].InvocationId);
    }

    [Fact]
    public async Task Each_request_has_a_scope_of_its_own_that_ends_with_it()
    {
        var seen = new List<Scoped>();
        await using var worker = await TestWorker.StartAsync(
            [
                TestFunctions.Http("F", bindings =>
                {
                    var scoped = bindings.Services.GetRequiredService<Scoped>();
                    Assert.Same(scoped, bindings.Context.InstanceServices.GetRequiredService<Scoped>());
                    Assert.False(scoped.IsDisposed);
                    seen.Add(scoped);
                    return Results.Text("fine");
                }),
            ],
            configure: builder => builder.Services.AddScoped<Scoped>());

        Assert.Equal("fine", await worker.Client.GetStringAsync("/F"));
        Assert.Equal("fine", await worker.Client.GetStringAsync("/F"));

        Assert.NotSame(seen[0], seen[1]);
        await Eventually.BecomesTrueAsync(() => seen.TrueForAll(scoped => scoped.IsDisposed));
    }

    [Fact]
    public async Task The_duration_of_requests_is_measured_by_route_and_the_root_is_a_slash()
    {
        await using var worker = await TestWorker.StartAsync(
            TestFunctions.Http("Home", TestFunctions.RootRoute), TestFunctions.Http("Item", "items/{id}"));
        using var metering = new Metering(worker.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());

        await worker.Client.GetStringAsync("/");
        await worker.Client.GetStringAsync("/items/4");
        (await worker.Client.GetAsync("/nothing")).Dispose();

        // Recorded after the answer.
        await Eventually.EqualsAsync(3, () => metering.Of("http.server.request.duration").Count());
        var routes = metering.Of("http.server.request.duration")
            .Select(m => $"{m.Tags.GetValueOrDefault("http.route")} {m.Tags["http.response.status_code"]}");
        Assert.Equal([" 404", "/ 200", "/items/{id} 200"], routes.Order(StringComparer.Ordinal));
    }

    private sealed class Scoped : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
