using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Worker;

/// <summary>What a generated invoker takes from an invocation and gives to it. Used by one thread at a time.</summary>
public abstract class InvocationBindings
{
    private protected InvocationBindings()
    {
    }

    /// <summary>Gets the services of the invocation's scope.</summary>
    public abstract IServiceProvider Services { get; }

    /// <summary>Gets the invocation.</summary>
    public abstract FunctionContext Context { get; }

    /// <summary>Gets the request of an HTTP function.</summary>
    /// <exception cref="InvalidOperationException">The function has another trigger.</exception>
    public abstract HttpRequest HttpRequest { get; }

    /// <summary>Gets the records of a batched Kafka function, or the one record of another; never empty.</summary>
    /// <exception cref="InvalidOperationException">The function has another trigger.</exception>
    public abstract KafkaRecord[] KafkaRecords { get; }

    /// <summary>Takes what the function returned, as it was returned.</summary>
    /// <param name="value">The value; null for a function that returns none.</param>
    public abstract void SetResult(object? value);

    /// <summary>Takes the value of one output.</summary>
    /// <param name="name">The output's <see cref="OutputDescriptor.Name"/>.</param>
    /// <param name="value">The value; null sends nothing.</param>
    public abstract void SetOutput(string name, object? value);
}
