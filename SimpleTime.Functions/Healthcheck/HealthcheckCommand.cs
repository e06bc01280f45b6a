using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Builder;

namespace SimpleTime.Functions.Healthcheck;

/// <summary>
/// The command <c>healthcheck</c>: asks the service that runs with the same settings whether it lives. For containers whose image has no
/// shell, by Docker's <c>HEALTHCHECK</c> or a task definition of Amazon ECS.
/// </summary>
internal static class HealthcheckCommand
{
    /// <summary>The first argument that stands for the command.</summary>
    public const string Name = "healthcheck";

    private const string Usage = $"""
        Usage: {Name} [--urls ADDRESSES | --port N]
        Asks /healthz of the service, where it listens by the same settings and arguments. Exit code 0 when it answers 200 within 3 s, else 1.
        """;

    private const int Healthy = 0;

    // The only other one that Docker knows; it reserves 2.
    private const int Unhealthy = 1;

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(3);

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows its name.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--help"))
        {
            Console.Out.WriteLine(Usage);
            return Healthy;
        }

        if (args is not ([] or ["--urls" or "--port", _]))
        {
            Console.Error.WriteLine(Usage);
            return Unhealthy;
        }

        if (FunctionsApplication.CreateBuilder(args).FindAddress("healthz") is not { } address)
        {
            Console.Error.WriteLine("The settings name no address at which the service could be asked.");
            return Unhealthy;
        }

        if (await FindProblemAsync(address) is not { } problem)
        {
            return Healthy;
        }

        Console.Error.WriteLine($"{address}: {problem}");
        return Unhealthy;
    }

    private static async Task<string?> FindProblemAsync(Uri address)
    {
        // A proxy of the environment is for others than this machine.
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = _timeout };
        try
        {
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
            var status = (int)response.StatusCode;
            return status == StatusCodes.Status200OK ? null : $"the answer is {status}";
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {_timeout.TotalSeconds} s";
        }
    }
}
