using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Worker.Http.Connections;
using SimpleTime.Functions.Worker.Lifetime;
using SimpleTime.Functions.Worker.Settings;

namespace SimpleTime.Functions.Worker.Hosting;

/// <summary>
/// The app as a host that starts only when it can listen. What keeps it from that is one line on standard error, which no log level hides, and an exit code:
/// nothing is started then, and the host ends at once.
/// </summary>
internal sealed class WorkerApplication(
    WebApplication app, Action<WebApplication> map, ListenAddresses addresses, StartupNotices notices, EarlyListeners listeners, IProcess process) : IHost, IAsyncDisposable
{
    private IDisposable? _hangUp;

    public IServiceProvider Services => app.Services;

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            if (notices.Fault is null)
            {
                await BindAsync(cancellationToken).ConfigureAwait(false);
            }

            if (notices.Fault is { } fault)
            {
                process.ExitCode = fault.ExitCode;
                process.WriteError(fault.Line);
                app.Lifetime.StopApplication();
                return;
            }

            map(app);
            _hangUp = HangUp.Handle(app.Lifetime.StopApplication);
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await listeners.ReleaseAsync().ConfigureAwait(false);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => app.StopAsync(cancellationToken);

    public void Dispose()
    {
        _hangUp?.Dispose();
        ((IDisposable)app).Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync().ConfigureAwait(false);
        _hangUp?.Dispose();
    }

    private async Task BindAsync(CancellationToken cancellationToken)
    {
        foreach (var address in app.Configuration[WebHostDefaults.ServerUrlsKey]!.Split(';'))
        {
            if (await listeners.TryBindAsync(address, cancellationToken).ConfigureAwait(false) is { } problem)
            {
                notices.Refuse(StartupFault.WrongSetting, $"{addresses.Source} cannot be used, \"{address}\": {problem.TrimEnd('.')}.");
                return;
            }
        }
    }
}
