using System.Runtime.InteropServices;

namespace SimpleTime.Functions.Worker.Hosting;

/// <summary>SIGHUP: the terminal is gone.</summary>
internal static class HangUp
{
    /// <summary>Does something at each SIGHUP in the place of the process's end. Where it was ignored at the start, as by nohup(1), it stays so.</summary>
    /// <param name="handle">What to do.</param>
    /// <returns>Ends that.</returns>
    public static IDisposable Handle(Action handle) => PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        handle();
    });
}
