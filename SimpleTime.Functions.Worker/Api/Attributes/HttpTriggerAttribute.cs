using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Starts the function by an HTTP request.</summary>
public sealed class HttpTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>Initializes the attribute of a function that answers every method and needs a function key.</summary>
    public HttpTriggerAttribute()
        : this(AuthorizationLevel.Function)
    {
    }

    /// <summary>Initializes the attribute of a function that answers <paramref name="methods"/> and needs a function key.</summary>
    /// <param name="methods">HTTP methods, in any case.</param>
    public HttpTriggerAttribute(params string[] methods)
        : this(AuthorizationLevel.Function, methods)
    {
    }

    /// <summary>Initializes the attribute of a function that answers every method.</summary>
    /// <param name="authLevel">The key that a request must carry.</param>
    public HttpTriggerAttribute(AuthorizationLevel authLevel) => AuthLevel = authLevel;

    /// <summary>Initializes the attribute of a function that answers <paramref name="methods"/>.</summary>
    /// <param name="authLevel">The key that a request must carry.</param>
    /// <param name="methods">HTTP methods, in any case.</param>
    public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
    {
        AuthLevel = authLevel;
        Methods = methods;
    }

    /// <summary>Gets or sets the route template below the route prefix; null for the function's name.</summary>
    public string? Route { get; set; }

    /// <summary>Gets the methods the function answers; null for all.</summary>
    public string[]? Methods { get; }

    /// <summary>Gets the key that a request must carry.</summary>
    public AuthorizationLevel AuthLevel { get; }
}
