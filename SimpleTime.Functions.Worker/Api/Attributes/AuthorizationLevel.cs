namespace Microsoft.Azure.Functions.Worker;

/// <summary>The key that a request to an HTTP function must carry.</summary>
public enum AuthorizationLevel
{
    /// <summary>No key.</summary>
    Anonymous = 0,

    /// <summary>A user's token. Not supported by the container host.</summary>
    User = 1,

    /// <summary>A function key.</summary>
    Function = 2,

    /// <summary>A system key. Not supported by the container host.</summary>
    System = 3,

    /// <summary>The master key. Not supported by the container host.</summary>
    Admin = 4,
}
