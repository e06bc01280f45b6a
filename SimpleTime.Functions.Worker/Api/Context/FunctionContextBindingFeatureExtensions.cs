using SimpleTime.Functions.Worker.Invocation;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Reads and replaces what an invocation gives.</summary>
public static class FunctionContextBindingFeatureExtensions
{
    /// <summary>Returns what the function returned; null before it ran. A value set here replaces it.</summary>
    /// <param name="context">The invocation.</param>
    public static InvocationResult GetInvocationResult(this FunctionContext context) => new InvocationResultView(FunctionInvocation.Of(context));

    /// <summary>Returns the outputs that the function declares, also when it failed. A value set here is sent.</summary>
    /// <typeparam name="T">The type of the values to see; a value of another type reads as the default.</typeparam>
    /// <param name="context">The invocation.</param>
    public static IEnumerable<OutputBindingData<T>> GetOutputBindings<T>(this FunctionContext context)
    {
        var invocation = FunctionInvocation.Of(context);
        return invocation.Function.Descriptor.Outputs.Select((_, index) => new OutputBindingView<T>(invocation, index));
    }
}
