namespace Microsoft.Azure.Functions.Worker;

/// <summary>An output of an invocation. Middleware may read and replace its value.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public abstract class OutputBindingData<T>
{
    /// <summary>Gets or sets the value; null sends nothing.</summary>
    public abstract T? Value { get; set; }

    /// <summary>Gets the name of the property.</summary>
    public abstract string Name { get; }

    /// <summary>Gets the type of the binding: <c>http</c> or <c>kafka</c>.</summary>
    public abstract string BindingType { get; }
}
