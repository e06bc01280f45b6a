namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a function returned. Middleware may read and replace it.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public abstract class InvocationResult<T>
{
    /// <summary>Gets or sets the returned value.</summary>
    public abstract T? Value { get; set; }
}
