using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Settings;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Worker;

namespace SimpleTime.Functions.Tests.Support;

/// <summary>
/// The program that these tests are when they are started as one: the service itself with functions beside its own. <c>GET /Hang</c> never ends,
/// whatever asks it to; <c>GET /Large</c> answers 64 KiB.
/// </summary>
internal static class ServiceWithMore
{
    /// <summary>The program's file.</summary>
    public const string FileName = "SimpleTime.Functions.Tests.dll";

    private static int Main(string[] args)
    {
        var large = Results.Bytes(new byte[64 * 1024]);
        FunctionCatalogue.Register(
            TestFunctions.Http("Large", _ => large),
            TestFunctions.Http("Hang", _ =>
            {
                Thread.Sleep(Timeout.Infinite);
                return Results.Ok();
            }));
        return (int)typeof(ServiceSettings).Assembly.EntryPoint!.Invoke(null, [args])!;
    }
}
