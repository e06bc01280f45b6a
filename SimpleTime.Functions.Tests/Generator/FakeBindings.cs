using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;
using SimpleTime.Functions.Worker;

namespace SimpleTime.Functions.Tests.Generator;

/// <summary>Keeps what an invoker gives, in order.</summary>
internal sealed class FakeBindings : InvocationBindings
{
    public FakeBindings(Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection().AddSingleton(Log);
        configure?.Invoke(services);
        Services = services.BuildServiceProvider();
        Context = Substitute.For<FunctionContext>();
        Context.InvocationId.Returns("the invocation");
        Context.CancellationToken.Returns(new CancellationToken(canceled: true));
    }

    /// <summary>A service for functions to write to.</summary>
    public List<string> Log { get; } = [];

    public override IServiceProvider Services { get; }

    public override FunctionContext Context { get; }

    public override HttpRequest HttpRequest { get; } = new DefaultHttpContext().Request;

    public override KafkaRecord[] KafkaRecords { get; } = [new() { Offset = 41 }, new() { Offset = 42 }];

    public List<object?> Results { get; } = [];

    public List<(string Name, object? Value)> Outputs { get; } = [];

    public override void SetResult(object? value) => Results.Add(value);

    public override void SetOutput(string name, object? value) => Outputs.Add((name, value));
}
