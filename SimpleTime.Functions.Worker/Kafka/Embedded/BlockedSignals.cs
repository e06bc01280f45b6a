using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimpleTime.Functions.Worker.Kafka.Embedded;

/// <summary>
/// Blocks all signals on the calling thread until disposal, which must be on the same thread. A native thread that is
/// created meanwhile starts with them blocked for good, as threads inherit the mask: pthread_sigmask(3). Does nothing on
/// Windows.
/// </summary>
internal readonly ref partial struct BlockedSignals : IDisposable
{
    private readonly SignalSet _previous;

    private BlockedSignals(SignalSet previous)
    {
        _previous = previous;
    }

    // SIG_SETMASK of signal.h
    private static int SetMask => OperatingSystem.IsMacOS() ? 3 : 2;

    /// <summary>Blocks all signals.</summary>
    public static BlockedSignals Enter()
    {
        SignalSet previous = default;
        if (!OperatingSystem.IsWindows())
        {
            SignalSet all = default;
            _ = Fill(ref all);
            _ = Mask(SetMask, in all, ref previous);
        }

        return new BlockedSignals(previous);
    }

    /// <summary>Restores the signals that were blocked before.</summary>
    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
        {
            SignalSet ignored = default;
            _ = Mask(SetMask, in _previous, ref ignored);
        }
    }

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static partial int Fill(ref SignalSet set);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int Mask(int how, in SignalSet set, ref SignalSet previous);

    // sigset_t: 1024 bits in glibc and musl, 32 in macOS.
    [InlineArray(16)]
    private struct SignalSet
    {
        private ulong _bits;
    }
}
