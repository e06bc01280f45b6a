using Microsoft.Azure.Functions.Worker;

namespace SimpleTime.Functions.Worker.Invocation;

internal sealed class OutputBindingView<T>(FunctionInvocation invocation, int index) : OutputBindingData<T>
{
    private readonly OutputDescriptor _output = invocation.Function.Descriptor.Outputs[index];

    public override T? Value
    {
        get => invocation.Outputs[index] is T value ? value : default;
        set => invocation.Outputs[index] = value;
    }

    public override string Name => _output.Name;

    public override string BindingType => _output.BindingType;
}
