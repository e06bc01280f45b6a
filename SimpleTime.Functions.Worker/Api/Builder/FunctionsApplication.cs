namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Where a function app starts.</summary>
public class FunctionsApplication
{
    /// <summary>Returns a builder with the settings of the environment, host.json and local.settings.json.</summary>
    /// <param name="args">Command-line settings, such as <c>--urls http://localhost:8080</c>.</param>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new(args);
}
