using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Faults;

/// <summary>Calls <c>GET /</c>, or another path, at a steady rate in the background and counts the answers. Each answer is a request and a response event.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<long> _answers = new();
    private readonly ServiceProcess _service;
    private readonly Uri _path;
    private readonly Task _running;
    private int _refused;
    private int _cutOff;

    private Load(ServiceProcess service, int perSecond, string path)
    {
        _service = service;
        _path = new Uri(path, UriKind.Relative);
        _running = RunAsync(perSecond);
    }

    /// <summary>How many answers were 200.</summary>
    public int Answered => _answers.Count;

    /// <summary>How many were not, but for those that the end of the service cut off.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>How many were sent and got no answer, since the service ended.</summary>
    public int CutOff => Volatile.Read(ref _cutOff);

    public static Load Start(ServiceProcess service, int perSecond, string path = "/") => new(service, perSecond, path);

    /// <summary>How many answers had come by a moment, a timestamp of <see cref="Stopwatch"/>.</summary>
    public int AnsweredBy(long timestamp) => _answers.Count(answer => answer <= timestamp);

    /// <summary>Ends the load.</summary>
    /// <returns>How many answers were 200.</returns>
    public async Task<int> StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        return Answered;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private async Task RunAsync(int perSecond)
    {
        var slicesPerSecond = Math.Min(50, perSecond);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / slicesPerSecond));
        while (!_stopping.IsCancellationRequested && await timer.WaitForNextTickAsync())
        {
            await Task.WhenAll(Enumerable.Range(0, perSecond / slicesPerSecond).Select(_ => CallAsync()));
        }
    }

    private async Task CallAsync()
    {
        try
        {
            using var response = await _service.Client.GetAsync(_path);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                _answers.Enqueue(Stopwatch.GetTimestamp());
            }
            else
            {
                Interlocked.Increment(ref _refused);
            }
        }
        catch (HttpRequestException)
        {
            // What became of this request nobody knows.
            Interlocked.Increment(ref _cutOff);
        }
    }
}
