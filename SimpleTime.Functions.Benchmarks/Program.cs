using System.Runtime.InteropServices;
using SimpleTime.Functions.Benchmarks;
using SimpleTime.Functions.Benchmarks.Backlog;
using SimpleTime.Functions.Benchmarks.Comparing;
using SimpleTime.Functions.Benchmarks.Servers;

// The program is also the servers that the comparison needs besides the service: processes of their own.
switch (args)
{
    case [BareApi.Mode, var body]:
        await BareApi.RunAsync(body);
        return 0;
    case [OtlpSink.Mode]:
        await OtlpSink.RunAsync();
        return 0;
}

BenchmarkOptions options;
try
{
    options = BenchmarkOptions.Parse(args);
}
catch (FormatException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}

// So that the processes that it started end with it.
using var ending = new CancellationTokenSource(options.Deadline);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
try
{
    if (options.Backlog is null)
    {
        Report.Write(Console.Out, options, await Comparison.RunAsync(options, ending.Token));
    }
    else
    {
        await BacklogRun.RunAsync(options, Console.Out, ending.Token);
    }

    return 0;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("The benchmark was ended, or took too long.");
    return 1;
}
catch (Exception e) when (e is IOException or InvalidOperationException or TimeoutException or System.Net.Sockets.SocketException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    ending.Cancel();
}
