using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace SimpleTime.Functions.AzureHost;

/// <summary>
/// Writes to the worker's console, which the Azure Functions host shows, what is logged outside an invocation: the host drops what a worker
/// sends it then. What is logged in an invocation the host takes and writes. Safe for use by several threads.
/// </summary>
/// <param name="console">Writes to the console.</param>
[ProviderAlias("Console")]
internal sealed class OutsideInvocationsLog(ILoggerProvider console) : ILoggerProvider, ISupportExternalScope
{
    // By which the official worker tells the host what invocation a record belongs to.
    private const string InvocationId = "AzureFunctions_InvocationId";

    private IExternalScopeProvider? _scopes;

    public ILogger CreateLogger(string categoryName) => new Logger(this, console.CreateLogger(categoryName));

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <summary>Writes what waits to be written.</summary>
    public void Dispose() => console.Dispose();

    private bool IsInInvocation()
    {
        var found = new StrongBox<bool>();
        _scopes?.ForEachScope(
            static (scope, found) => found.Value |= scope is IEnumerable<KeyValuePair<string, object>> values && values.Any(value => value.Key == InvocationId),
            found);
        return found.Value;
    }

    private sealed class Logger(OutsideInvocationsLog log, ILogger console) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => console.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!log.IsInInvocation())
            {
                console.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
