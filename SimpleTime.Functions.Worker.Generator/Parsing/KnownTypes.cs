using Microsoft.CodeAnalysis;

namespace SimpleTime.Functions.Worker.Generator;

/// <summary>The types that mean something to the generator, by their names.</summary>
internal static class KnownTypes
{
    public const string FunctionAttribute = WorkerNamespace + ".FunctionAttribute";

    private const string WorkerNamespace = "Microsoft.Azure.Functions.Worker";
    private const string AbstractionsNamespace = "Microsoft.Azure.Functions.Worker.Extensions.Abstractions";
    private const string HttpNamespace = "Microsoft.AspNetCore.Http";
    private const string DependencyInjectionNamespace = "Microsoft.Extensions.DependencyInjection";

    public static bool IsHttpTrigger(ITypeSymbol? type) => Is(type, WorkerNamespace, "HttpTriggerAttribute");

    public static bool IsKafkaTrigger(ITypeSymbol? type) => Is(type, WorkerNamespace, "KafkaTriggerAttribute");

    public static bool IsKafkaOutput(ITypeSymbol? type) => Is(type, WorkerNamespace, "KafkaOutputAttribute");

    public static bool IsHttpResult(ITypeSymbol? type) => Is(type, WorkerNamespace, "HttpResultAttribute");

    public static bool IsFixedDelayRetry(ITypeSymbol? type) => Is(type, WorkerNamespace, "FixedDelayRetryAttribute");

    public static bool IsExponentialBackoffRetry(ITypeSymbol? type) => Is(type, WorkerNamespace, "ExponentialBackoffRetryAttribute");

    public static bool IsAnyTrigger(ITypeSymbol? type) => DerivesFrom(type, AbstractionsNamespace, "TriggerBindingAttribute");

    public static bool IsAnyOutput(ITypeSymbol? type) => DerivesFrom(type, AbstractionsNamespace, "OutputBindingAttribute");

    public static bool IsAnyRetry(ITypeSymbol? type) => DerivesFrom(type, WorkerNamespace, "RetryAttribute");

    public static bool IsFunctionContext(ITypeSymbol? type) => Is(type, WorkerNamespace, "FunctionContext");

    public static bool IsKafkaRecord(ITypeSymbol? type) => Is(type, WorkerNamespace, "KafkaRecord");

    public static bool IsKafkaRecordArray(ITypeSymbol? type) =>
        type is IArrayTypeSymbol { IsSZArray: true } array && IsKafkaRecord(array.ElementType);

    public static bool IsHttpRequest(ITypeSymbol? type) => Is(type, HttpNamespace, "HttpRequest");

    public static bool IsIResult(ITypeSymbol? type) => Is(type, HttpNamespace, "IResult");

    public static bool ImplementsIResult(ITypeSymbol type) => IsIResult(type) || type.AllInterfaces.Any(IsIResult);

    public static bool IsCancellationToken(ITypeSymbol? type) => Is(type, "System.Threading", "CancellationToken");

    public static bool IsServiceProvider(ITypeSymbol? type) => Is(type, "System", "IServiceProvider");

    public static bool IsDisposable(ITypeSymbol type) => type.AllInterfaces.Any(static i => Is(i, "System", "IDisposable"));

    public static bool IsAsyncDisposable(ITypeSymbol type) => type.AllInterfaces.Any(static i => Is(i, "System", "IAsyncDisposable"));

    public static bool IsFromKeyedServices(ITypeSymbol? type) => Is(type, DependencyInjectionNamespace, "FromKeyedServicesAttribute");

    public static bool IsActivatorUtilitiesConstructor(ITypeSymbol? type) =>
        Is(type, DependencyInjectionNamespace, "ActivatorUtilitiesConstructorAttribute");

    public static bool IsSetsRequiredMembers(ITypeSymbol? type) =>
        Is(type, "System.Diagnostics.CodeAnalysis", "SetsRequiredMembersAttribute");

    /// <summary>Returns whether the type is a <c>Task</c> or <c>ValueTask</c>, with a value or without.</summary>
    public static bool IsTask(ITypeSymbol? type) =>
        Is(type, "System.Threading.Tasks", "Task") || Is(type, "System.Threading.Tasks", "ValueTask") ||
        Is(type, "System.Threading.Tasks", "Task", 1) || Is(type, "System.Threading.Tasks", "ValueTask", 1);

    private static bool Is(ITypeSymbol? type, string containingNamespace, string name, int arity = 0) =>
        type is INamedTypeSymbol { ContainingType: null } named && named.Arity == arity && named.Name == name &&
        named.ContainingNamespace?.ToDisplayString() == containingNamespace;

    private static bool DerivesFrom(ITypeSymbol? type, string containingNamespace, string name)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            if (Is(current, containingNamespace, name))
            {
                return true;
            }
        }

        return false;
    }
}
