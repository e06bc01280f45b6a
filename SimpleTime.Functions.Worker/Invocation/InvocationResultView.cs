using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Worker.Invocation;

internal sealed class InvocationResultView(FunctionInvocation invocation) : InvocationResult
{
    public override object? Value
    {
        get => invocation.Result;
        set => invocation.Result = value;
    }
}
