using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Worker;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>Functions as the source generator would describe them.</summary>
internal static class TestFunctions
{
    /// <summary>The route that both hosts take for the root.</summary>
    public const string RootRoute = "{ignored:maxlength(0)?}";

    /// <summary>A function that answers an anonymous GET with its name.</summary>
    public static FunctionDescriptor Http(string name, string? route = null) =>
        Http(name, new HttpTriggerAttribute(AuthorizationLevel.Anonymous, "get") { Route = route }, _ => Results.Text(name));

    /// <summary>A function that answers an anonymous GET.</summary>
    public static FunctionDescriptor Http(string name, Func<InvocationBindings, IResult?> answer) =>
        Http(name, new HttpTriggerAttribute(AuthorizationLevel.Anonymous, "get"), answer);

    public static FunctionDescriptor Http(string name, HttpTriggerAttribute trigger, Func<InvocationBindings, IResult?> answer) =>
        Http(name, trigger, bindings =>
        {
            bindings.SetResult(answer(bindings));
            return ValueTask.CompletedTask;
        });

    public static FunctionDescriptor Http(
        string name, HttpTriggerAttribute trigger, FunctionInvoker invoker, params OutputDescriptor[] outputs) => new()
        {
            Name = name,
            EntryPoint = $"Tests.{name}.Run",
            TriggerName = "request",
            Trigger = trigger,
            Outputs = outputs,
            Invoker = invoker,
        };

    /// <summary>A function that answers an anonymous GET with its first output and sends its second.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="kafka">The attribute of the second output.</param>
    /// <param name="answer">The first output's value.</param>
    /// <param name="events">The second output's value.</param>
    public static FunctionDescriptor HttpWithEvents(
        string name, KafkaOutputAttribute kafka, Func<IResult?> answer, Func<object?> events) => Http(
        name,
        new HttpTriggerAttribute(AuthorizationLevel.Anonymous, "get"),
        bindings =>
        {
            bindings.SetResult(new object());
            bindings.SetOutput("Answer", answer());
            bindings.SetOutput("Events", events());
            return ValueTask.CompletedTask;
        },
        OutputDescriptor.HttpResult("Answer"),
        OutputDescriptor.KafkaOutput("Events", kafka, typeof(string)));

    /// <summary>A function that takes records.</summary>
    public static FunctionDescriptor Kafka(
        string name, KafkaTriggerAttribute trigger, Func<KafkaRecord[], FunctionContext, Task> run, RetryAttribute? retry = null) => new()
        {
            Name = name,
            EntryPoint = $"Tests.{name}.Run",
            TriggerName = "records",
            Trigger = trigger,
            Retry = retry,
            Invoker = bindings => new ValueTask(run(bindings.KafkaRecords, bindings.Context)),
        };

    /// <summary>A function that takes records and does nothing.</summary>
    public static FunctionDescriptor Kafka(string name, KafkaTriggerAttribute trigger) => Kafka(name, trigger, (_, _) => Task.CompletedTask);
}
