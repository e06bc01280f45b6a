using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Worker.Hosting;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Builds a function app. Used by one thread.</summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    private readonly WebApplicationBuilder _web;
    private readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> _middleware = [];

    internal FunctionsApplicationBuilder(string[] args) => _web = WorkerHost.CreateBuilder(args);

    /// <summary>Gets the settings: host.json, local.settings.json, the environment and the command line, the later over the earlier.</summary>
    public ConfigurationManager Configuration => _web.Configuration;

    /// <summary>Gets the name of the environment and the folder of the app.</summary>
    public IHostEnvironment Environment => _web.Environment;

    /// <summary>Gets the logging of the app.</summary>
    public ILoggingBuilder Logging => _web.Logging;

    /// <summary>Gets the metrics of the app.</summary>
    public IMetricsBuilder Metrics => _web.Metrics;

    /// <summary>Gets what the parts that build the app leave for each other.</summary>
    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_web).Properties;

    /// <summary>Gets the services of the app.</summary>
    public IServiceCollection Services => _web.Services;

    IConfigurationManager IHostApplicationBuilder.Configuration => _web.Configuration;

    /// <summary>Gets or sets whether the app answers HTTP through ASP.NET Core.</summary>
    internal bool HasWebApplication { get; set; }

    /// <summary>Gets or sets the functions to run in the place of those that the loaded assemblies registered; for tests.</summary>
    internal IReadOnlyList<SimpleTime.Functions.Worker.FunctionDescriptor>? Functions { get; set; }

    /// <summary>Replaces the container of the app's services.</summary>
    /// <typeparam name="TContainerBuilder">The container's builder.</typeparam>
    /// <param name="factory">Makes the container.</param>
    /// <param name="configure">Configures it.</param>
    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull =>
        ((IHostApplicationBuilder)_web).ConfigureContainer(factory, configure);

    /// <inheritdoc/>
    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        _middleware.Add(middleware);
        return this;
    }

    /// <summary>Builds the app.</summary>
    /// <exception cref="InvalidOperationException">A function or a setting without which nothing can run is wrong.</exception>
    public IHost Build() =>
        WorkerHost.Build(_web, Functions ?? SimpleTime.Functions.Worker.FunctionCatalogue.Snapshot(), _middleware, HasWebApplication);
}
