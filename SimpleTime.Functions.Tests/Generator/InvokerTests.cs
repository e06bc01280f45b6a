using Microsoft.AspNetCore.Http;
using Xunit;

namespace SimpleTime.Functions.Tests.Generator;

public class InvokerTests
{
    [Theory]
    [InlineData("IResult", "Results.Text(request.Method)", false)]
    [InlineData("Microsoft.AspNetCore.Http.HttpResults.ContentHttpResult", "TypedResults.Text(request.Method)", false)]
    [InlineData("Task<IResult>", "Task.FromResult(Results.Text(request.Method))", true)]
    [InlineData("ValueTask<IResult>", "new(Results.Text(request.Method))", true)]
    public async Task An_answer_is_the_result(string type, string expression, bool isAsync)
    {
        var function = LoadedFunctions.Load($$"""
            public class C { [Function("F")] public {{type}} Run([HttpTrigger] HttpRequest request) => {{expression}}; }
            """);
        var bindings = new FakeBindings();
        bindings.HttpRequest.Method = "BREW";

        await function.InvokeAsync(bindings);

        Assert.Equal("BREW", Assert.IsAssignableFrom<IContentTypeHttpResult>(Assert.Single(bindings.Results)) is var result
            ? result.GetType().GetProperty("ResponseContent")!.GetValue(result) : null);
        Assert.Empty(bindings.Outputs);
        Assert.Equal(isAsync, function.IsAsync());
    }

    [Theory]
    [InlineData("Output", "output", false)]
    [InlineData("Task<Output>", "Task.FromResult(output)", true)]
    [InlineData("ValueTask<Output?>", "new(output)", true)]
    public async Task Output_properties_are_set_after_the_result(string type, string expression, bool isAsync)
    {
        var function = LoadedFunctions.Load($$"""
            public abstract class Base
            {
                [KafkaOutput("b", "t1")] public string[] Events { get; } = ["e1", "e2"];
                [KafkaOutput("b", "t2")] public virtual int Number => 1;
                public string NotAnOutput => "";
            }
            public class Output : Base
            {
                public override int Number => 7;
                [HttpResult] public IResult Response { get; } = Results.Ok();
            }
            public class C
            {
                [Function("F")] public {{type}} Run([HttpTrigger] HttpRequest request)
                {
                    var output = new Output();
                    return {{expression}};
                }
            }
            """);

        var bindings = await function.InvokeAsync();

        Assert.Equal("Output", Assert.Single(bindings.Results)!.GetType().Name);
        Assert.Equal(["Events", "Number", "Response"], bindings.Outputs.Select(static o => o.Name));
        Assert.Equal(["e1", "e2"], Assert.IsType<string[]>(bindings.Outputs[0].Value));
        Assert.Equal(7, bindings.Outputs[1].Value);
        Assert.IsAssignableFrom<IResult>(bindings.Outputs[2].Value);
        Assert.Equal(["Events", "Number", "Response"], function.Outputs.Select(static o => o.Name));
        Assert.Equal(isAsync, function.IsAsync());
    }

    [Fact]
    public async Task A_null_result_has_no_outputs()
    {
        var function = LoadedFunctions.Load("""
            public record Output([property: HttpResult] IResult Response, [property: KafkaOutput("b", "t")] string? Message);
            public class C { [Function("F")] public Output? Run([HttpTrigger] HttpRequest request) => null; }
            """);

        var bindings = await function.InvokeAsync();

        Assert.Equal([null], bindings.Results);
        Assert.Empty(bindings.Outputs);
        Assert.Equal(2, function.Outputs.Count);
    }

    [Theory]
    [InlineData("void", "", false)]
    [InlineData("async Task", "await Task.Yield();", true)]
    [InlineData("async ValueTask", "await Task.Yield();", true)]
    public async Task Records_are_passed_as_a_batch(string type, string statement, bool isAsync)
    {
        var function = LoadedFunctions.Load($$"""
            public class C(List<string> log)
            {
                [Function("F")]
                public {{type}} Run([KafkaTrigger("b", "t", IsBatched = true)] KafkaRecord[] records)
                {
                    {{statement}}
                    foreach (var record in records) { log.Add(record.Offset.ToString()); }
                }
            }
            """);

        var bindings = await function.InvokeAsync();

        Assert.Equal(["41", "42"], bindings.Log);
        Assert.Equal([null], bindings.Results);
        Assert.Equal(isAsync, function.IsAsync());
    }

    [Fact]
    public async Task One_record_is_passed_and_gives_outputs()
    {
        var function = LoadedFunctions.Load("""
            public class Output { [KafkaOutput("b", "t")] public string? Message { get; set; } }
            public class C
            {
                [Function("F")]
                public async Task<Output> Run([KafkaTrigger("b", "t", IsBatched = false)] KafkaRecord record)
                {
                    await Task.Yield();
                    return new() { Message = record.Offset.ToString() };
                }
            }
            """);

        var bindings = await function.InvokeAsync();

        Assert.Equal([("Message", "41")], bindings.Outputs);
    }

    [Fact]
    public async Task Context_and_token_are_passed_in_any_order()
    {
        var function = LoadedFunctions.Load("""
            public class C(List<string> log)
            {
                [Function("F")]
                public IResult Run(
                    CancellationToken token, FunctionContext context, [HttpTrigger] HttpRequest request, FunctionContext again)
                {
                    log.Add($"{token.IsCancellationRequested}, {context.InvocationId}, {ReferenceEquals(context, again)}");
                    return Results.Ok();
                }
            }
            """);

        var bindings = await function.InvokeAsync();

        Assert.Equal(["True, the invocation, True"], bindings.Log);
    }

    [Fact]
    public async Task Static_methods_need_no_instance()
    {
        var function = LoadedFunctions.Load("""
            public abstract class C
            {
                private C() { }
                [Function("F")] public static IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();
            }
            """);

        Assert.Single((await function.InvokeAsync()).Results);
    }

    [Fact]
    public async Task An_exception_leaves_no_result()
    {
        var function = LoadedFunctions.Load("""
            public class C
            {
                [Function("F")] public IResult Run([HttpTrigger] HttpRequest request) => throw new FormatException();
            }
            """);
        var bindings = new FakeBindings();

        await Assert.ThrowsAsync<FormatException>(() => function.InvokeAsync(bindings));

        Assert.Empty(bindings.Results);
    }

    [Fact]
    public void A_synchronous_call_allocates_the_instance_only()
    {
        var function = LoadedFunctions.Load("""
            public class C
            {
                private static readonly IResult _answer = Results.Ok();
                [Function("F")] public IResult Run([HttpTrigger] HttpRequest request) => _answer;
            }
            """);
        var bindings = new FakeBindings();
        bindings.Results.EnsureCapacity(2);
        Assert.True(function.Invoker(bindings).AsTask().IsCompletedSuccessfully);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var call = function.Invoker(bindings).AsTask();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Same(Task.CompletedTask, call);
        Assert.InRange(allocated, 0, 24);
    }
}
