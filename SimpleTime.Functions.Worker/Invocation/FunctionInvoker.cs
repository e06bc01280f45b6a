namespace SimpleTime.Functions.Worker;

/// <summary>
/// Calls one function: makes its instance from the scope's services, passes its parameters and hands its result to
/// <paramref name="bindings"/>. Written by the source generator.
/// </summary>
/// <param name="bindings">What the invocation takes and gives.</param>
public delegate ValueTask FunctionInvoker(InvocationBindings bindings);
