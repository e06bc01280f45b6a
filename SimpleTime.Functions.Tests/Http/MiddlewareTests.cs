using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Http;

/// <summary>What worker middleware sees and may change.</summary>
public sealed class MiddlewareTests
{
    // Nothing needs to come through in these tests.
    private static readonly KafkaOutputAttribute _kafka = new("127.0.0.1:1", "events");

    private static readonly string[] _events = ["event"];

    [Fact]
    public async Task Middleware_runs_in_the_order_of_its_registration_around_the_function()
    {
        var steps = new List<string>();
        await using var worker = await StartAsync(
            TestFunctions.Http("F", _ =>
            {
                steps.Add("function");
                return Results.Text("done");
            }),
            Step("outer"),
            Step("inner"));

        Assert.Equal("done", await worker.Client.GetStringAsync("/F"));
        Assert.Equal(["outer in", "inner in", "function", "inner out", "outer out"], steps);

        Func<FunctionContext, FunctionExecutionDelegate, Task> Step(string name) => async (context, next) =>
        {
            steps.Add($"{name} in");
            await next(context);
            steps.Add($"{name} out");
        };
    }

    [Fact]
    public async Task A_middleware_class_is_made_once_with_its_services()
    {
        await using var worker = await TestWorker.StartAsync(
            [TestFunctions.Http("F")], configure: builder => builder.UseMiddleware<CountingMiddleware>());

        await worker.Client.GetStringAsync("/F");

        Assert.Equal("2", (await worker.Client.GetAsync("/F")).Headers.GetValues("x-count").Single());
    }

    [Fact]
    public async Task Middleware_may_replace_what_a_function_returned()
    {
        await using var worker = await StartAsync(TestFunctions.Http("F"), async (context, next) =>
        {
            Assert.Null(context.GetInvocationResult().Value);
            await next(context);
            Assert.IsType<IResult>(context.GetInvocationResult().Value, exactMatch: false);
            context.GetInvocationResult().Value = Results.Text("replaced", statusCode: 418);
        });

        await AssertAnswerAsync(worker, (HttpStatusCode)418, "replaced");
    }

    [Fact]
    public async Task Middleware_may_answer_in_the_place_of_a_function_that_failed()
    {
        await using var worker = await StartAsync(
            TestFunctions.Http("F", _ => throw new InvalidOperationException("no")),
            (context, next) => RescueAsync(context, next, () => context.GetInvocationResult().Value = Results.Text("rescued", statusCode: 503)));

        await AssertAnswerAsync(worker, HttpStatusCode.ServiceUnavailable, "rescued");
        Assert.DoesNotContain(worker.Logs.All, line => line.Exception is not null);
    }

    [Fact]
    public async Task Middleware_may_answer_without_the_function()
    {
        await using var worker = await StartAsync(
            TestFunctions.Http("F", _ => throw new InvalidOperationException("not reached")),
            (context, _) =>
            {
                context.GetInvocationResult().Value = Results.Text("short");
                return Task.CompletedTask;
            });

        await AssertAnswerAsync(worker, HttpStatusCode.OK, "short");
    }

    [Fact]
    public async Task Middleware_sees_the_outputs_and_may_replace_the_answer_among_them()
    {
        await using var worker = await StartAsync(
            TestFunctions.HttpWithEvents("F", _kafka, () => Results.Text("own"), () => _events),
            async (context, next) =>
            {
                await next(context);
                var outputs = context.GetOutputBindings<object>().ToList();
                Assert.Equal([("Answer", "http"), ("Events", "kafka")], outputs.Select(o => (o.Name, o.BindingType)));
                Assert.Equal(["event"], Assert.IsType<string[]>(outputs[1].Value));
                outputs[0].Value = Results.Text("replaced");
                outputs[1].Value = null;
            });

        await AssertAnswerAsync(worker, HttpStatusCode.OK, "replaced");
        Assert.Equal(0, worker.Kafka.Pending);
    }

    [Fact]
    public async Task Middleware_may_set_the_outputs_of_a_function_that_failed()
    {
        using var topic = new TestTopic();
        await using var worker = await StartAsync(
            TestFunctions.HttpWithEvents("F", topic.Output, () => throw new InvalidOperationException("no"), () => null),
            (context, next) => RescueAsync(context, next, () =>
            {
                context.GetOutputBindings<object>().Single(o => o.BindingType == "http").Value = Results.Text("rescued");
                context.GetOutputBindings<string[]>().Single(o => o.BindingType == "kafka").Value = ["one", "two"];
            }));

        await AssertAnswerAsync(worker, HttpStatusCode.OK, "rescued");
        await Eventually.EqualsAsync(2, () => topic.CountAsync());
    }

    [Fact]
    public async Task A_result_that_middleware_sets_is_the_answer_also_of_a_function_with_outputs()
    {
        await using var worker = await StartAsync(
            TestFunctions.HttpWithEvents("F", _kafka, () => Results.Text("own"), () => null),
            async (context, next) =>
            {
                await next(context);
                context.GetInvocationResult().Value = Results.Text("replaced");
            });

        await AssertAnswerAsync(worker, HttpStatusCode.OK, "replaced");
    }

    [Fact]
    public async Task Nothing_is_sent_of_an_invocation_that_middleware_fails()
    {
        await using var worker = await StartAsync(
            TestFunctions.HttpWithEvents("F", _kafka, () => Results.Text("own"), () => "event"),
            async (context, next) =>
            {
                await next(context);
                throw new InvalidOperationException("no");
            });

        Assert.Equal(HttpStatusCode.InternalServerError, (await worker.Client.GetAsync("/F")).StatusCode);
        Assert.Equal(0, worker.Kafka.Pending);
    }

    [Fact]
    public async Task A_value_of_another_type_reads_as_the_default()
    {
        var seen = new List<string[]?>();
        await using var worker = await StartAsync(
            TestFunctions.HttpWithEvents("F", _kafka, () => Results.Text("own"), () => null),
            async (context, next) =>
            {
                await next(context);
                seen.AddRange(context.GetOutputBindings<string[]>().Select(o => o.Value));
            });

        await AssertAnswerAsync(worker, HttpStatusCode.OK, "own");
        Assert.Equal([null, null], seen);
    }

    private static async Task RescueAsync(FunctionContext context, FunctionExecutionDelegate next, Action rescue)
    {
        try
        {
            await next(context);
        }
        catch (InvalidOperationException)
        {
            rescue();
        }
    }

    private static async Task AssertAnswerAsync(TestWorker worker, HttpStatusCode status, string body)
    {
        using var response = await worker.Client.GetAsync("/F");
        Assert.Equal((status, body), (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    private static Task<TestWorker> StartAsync(
        SimpleTime.Functions.Worker.FunctionDescriptor function, params Func<FunctionContext, FunctionExecutionDelegate, Task>[] steps) =>
        TestWorker.StartAsync([function], configure: builder =>
        {
            foreach (var step in steps)
            {
                builder.Use(next => context => step(context, next));
            }
        });

    public sealed class CountingMiddleware(TimeProvider time) : IFunctionsWorkerMiddleware
    {
        private int _count;

        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            ArgumentNullException.ThrowIfNull(time);
            context.GetHttpContext()!.Response.Headers["x-count"] = $"{Interlocked.Increment(ref _count)}";
            return next(context);
        }
    }
}
