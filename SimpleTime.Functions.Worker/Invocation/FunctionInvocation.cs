using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Worker.Invocation;

/// <summary>One invocation: the context that the worker API shows, and the bindings that the invoker uses.</summary>
internal sealed class FunctionInvocation : FunctionContext
{
    private readonly Bindings _bindings;
    private readonly CancellationToken _caller;
    private string? _id;
    private IDictionary<object, object>? _items;
    private CancellationTokenSource? _cancellation;
    private volatile bool _isTimedOut;

    private FunctionInvocation(RegisteredFunction function, IServiceProvider services, RetryContext retry, CancellationToken cancellationToken)
    {
        Function = function;
        InstanceServices = services;
        RetryContext = retry;
        _caller = cancellationToken;
        Outputs = function.Descriptor.Outputs is { Count: > 0 } outputs ? new object?[outputs.Count] : [];
        _bindings = new Bindings(this);
    }

    public RegisteredFunction Function { get; }

    public HttpContext? HttpContext { get; private init; }

    public KafkaRecord[]? Records { get; private init; }

    /// <summary>Gets or sets what the function returned, or middleware put in its place.</summary>
    public object? Result { get; set; }

    /// <summary>Gets what the function threw, whatever middleware made of it; null when it ended well.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Gets the values of the declared outputs, in their order.</summary>
    public object?[] Outputs { get; }

    public override string InvocationId => _id ??= Guid.NewGuid().ToString();

    public override string FunctionId => Function.Id;

    public override FunctionDefinition FunctionDefinition => Function;

    public override RetryContext RetryContext { get; }

    public override IServiceProvider InstanceServices { get; set; }

    public override IDictionary<object, object> Items
    {
        get => _items ??= new Dictionary<object, object>();
        set => _items = value;
    }

    /// <summary>
    /// Cancelled when the caller is gone or the function's time is over. Made when it is asked for, since most functions are too short to ask.
    /// </summary>
    public override CancellationToken CancellationToken => (_cancellation ?? CreateCancellation()).Token;

    /// <summary>Gets whether the function's time was over before it ended.</summary>
    public bool IsTimedOut => _isTimedOut;

    public static FunctionInvocation ForRequest(RegisteredFunction function, HttpContext http) =>
        new(function, http.RequestServices, RetryPosition.None, CancellationToken.None) { HttpContext = http };

    public static FunctionInvocation ForRecords(
        RegisteredFunction function, IServiceProvider services, KafkaRecord[] records, RetryPosition retry, CancellationToken cancellationToken) =>
        new(function, services, retry, cancellationToken) { Records = records };

    public static FunctionInvocation Of(FunctionContext context) => context as FunctionInvocation
        ?? throw new ArgumentException("The context was not made by this worker.", nameof(context));

    /// <exception cref="Exception">Whatever the function throws.</exception>
    public async Task InvokeAsync()
    {
        try
        {
            await Function.Descriptor.Invoker(_bindings).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Failure = e;
            throw;
        }
    }

    /// <summary>Cancels the function since its time is over. Does not wait for what it does then.</summary>
    public void TimeOut()
    {
        _isTimedOut = true;
        Interlocked.MemoryBarrier();
        _ = _cancellation?.CancelAsync();
    }

    private CancellationTokenSource CreateCancellation()
    {
        var created = CancellationTokenSource.CreateLinkedTokenSource(HttpContext?.RequestAborted ?? _caller);
        if (Interlocked.CompareExchange(ref _cancellation, created, null) is { } other)
        {
            created.Dispose();
            return other;
        }

        if (_isTimedOut)
        {
            created.Cancel();
        }

        return created;
    }

    private sealed class Bindings(FunctionInvocation invocation) : InvocationBindings
    {
        public override IServiceProvider Services => invocation.InstanceServices;

        public override FunctionContext Context => invocation;

        public override HttpRequest HttpRequest => invocation.HttpContext?.Request
            ?? throw new InvalidOperationException($"The function {invocation.Function.Name} has no HTTP trigger.");

        public override KafkaRecord[] KafkaRecords => invocation.Records
            ?? throw new InvalidOperationException($"The function {invocation.Function.Name} has no Kafka trigger.");

        public override void SetResult(object? value) => invocation.Result = value;

        public override void SetOutput(string name, object? value)
        {
            var outputs = invocation.Function.Descriptor.Outputs;
            for (var i = 0; i < outputs.Count; i++)
            {
                if (outputs[i].Name == name)
                {
                    invocation.Outputs[i] = value;
                    return;
                }
            }

            throw new ArgumentException($"The function {invocation.Function.Name} has no output {name}.", nameof(name));
        }
    }
}
