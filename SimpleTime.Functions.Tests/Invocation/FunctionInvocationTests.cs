using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;
using SimpleTime.Functions.Worker;
using SimpleTime.Functions.Worker.Invocation;
using Xunit;

namespace SimpleTime.Functions.Tests.Invocation;

/// <summary>One invocation, as function, middleware and invoker see it.</summary>
public sealed class FunctionInvocationTests
{
    private static readonly string[] _value = ["value"];
    private static readonly IServiceProvider _services = new ServiceCollection().BuildServiceProvider();

    [Fact]
    public async Task A_kafka_function_has_records_a_retry_position_and_no_request()
    {
        KafkaRecord[] records = [new() { Offset = 5 }];
        InvocationBindings? bindings = null;
        using var cancellation = new CancellationTokenSource();
        var invocation = FunctionInvocation.ForRecords(
            Function(b => bindings = b, new KafkaTriggerAttribute("b", "t")), _services, records, new RetryPosition(2, -1), cancellation.Token);

        await invocation.InvokeAsync();

        Assert.Same(records, bindings!.KafkaRecords);
        Assert.Throws<InvalidOperationException>(() => bindings.HttpRequest);
        Assert.Null(invocation.GetHttpContext());
        Assert.Same(invocation, bindings.Context);
        Assert.Same(_services, bindings.Services);
        Assert.Equal((2, -1), (invocation.RetryContext.RetryCount, invocation.RetryContext.MaxRetryCount));
        Assert.False(invocation.CancellationToken.IsCancellationRequested);
        await cancellation.CancelAsync();
        Assert.True(invocation.CancellationToken.IsCancellationRequested);
        Assert.Equal("kafkaTrigger", invocation.FunctionDefinition.InputBindings.Values.Single().Type);
    }

    [Fact]
    public async Task An_http_function_has_a_request_and_no_records()
    {
        InvocationBindings? bindings = null;
        var http = new DefaultHttpContext { RequestServices = _services };
        var invocation = FunctionInvocation.ForRequest(Function(b => bindings = b), http);

        await invocation.InvokeAsync();

        Assert.Same(http.Request, bindings!.HttpRequest);
        Assert.Throws<InvalidOperationException>(() => bindings.KafkaRecords);
        Assert.Same(http, invocation.GetHttpContext());
    }

    [Fact]
    public async Task Services_that_middleware_replaces_are_those_of_the_function()
    {
        InvocationBindings? bindings = null;
        var invocation = Invocation(b => bindings = b);
        var others = new ServiceCollection().BuildServiceProvider();

        invocation.InstanceServices = others;
        await invocation.InvokeAsync();

        Assert.Same(others, bindings!.Services);
    }

    [Fact]
    public async Task A_result_and_outputs_are_seen_and_replaced_through_views()
    {
        var invocation = Invocation(b =>
        {
            b.SetResult("result");
            b.SetOutput("Second", _value);
        });
        await invocation.InvokeAsync();

        Assert.Equal("result", invocation.GetInvocationResult().Value);
        var views = invocation.GetOutputBindings<string[]>().ToList();
        Assert.Equal(["First", "Second"], views.Select(v => v.Name));
        Assert.Null(views[0].Value);
        Assert.Same(_value, views[1].Value);

        views[0].Value = ["new"];
        invocation.GetInvocationResult().Value = 5;
        Assert.Equal("new", Assert.Single(invocation.GetOutputBindings<string[]>().First().Value!));
        Assert.Equal(5, invocation.Result);
    }

    [Fact]
    public async Task An_output_that_is_not_declared_cannot_be_set()
    {
        var invocation = Invocation(b => b.SetOutput("Third", "x"));

        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await invocation.InvokeAsync());
        Assert.Contains("Third", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Items_may_be_replaced()
    {
        var invocation = Invocation(_ => { });
        invocation.Items["a"] = 1;
        Assert.Equal(1, invocation.Items["a"]);

        invocation.Items = new Dictionary<object, object> { ["b"] = 2 };
        Assert.Equal(["b"], invocation.Items.Keys);
    }

    [Fact]
    public void A_context_of_another_worker_is_refused()
    {
        var context = Substitute.For<FunctionContext>();

        Assert.Throws<ArgumentException>(() => context.GetInvocationResult());
        Assert.Throws<ArgumentException>(() => context.GetHttpContext());
    }

    private static FunctionInvocation Invocation(Action<InvocationBindings> invoke) =>
        FunctionInvocation.ForRequest(Function(invoke), new DefaultHttpContext { RequestServices = _services });

    private static RegisteredFunction Function(
        Action<InvocationBindings> invoke,
        Microsoft.Azure.Functions.Worker.Extensions.Abstractions.TriggerBindingAttribute? trigger = null) => new(new FunctionDescriptor
        {
            Name = "F",
            EntryPoint = "Tests.F.Run",
            TriggerName = "trigger",
            Trigger = trigger ?? new HttpTriggerAttribute(),
            Outputs = [OutputDescriptor.HttpResult("First"), OutputDescriptor.KafkaOutput("Second", new("b", "t"), typeof(string))],
            Invoker = bindings =>
            {
                invoke(bindings);
                return ValueTask.CompletedTask;
            },
        });
}
