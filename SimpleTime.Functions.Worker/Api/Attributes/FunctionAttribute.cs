namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks a method as a function and names it.</summary>
/// <param name="name">The name of the function, unique in the app.</param>
[AttributeUsage(AttributeTargets.Method)]
public class FunctionAttribute(string name) : Attribute
{
    /// <summary>Gets the name of the function.</summary>
    public string Name { get; } = name;
}
