using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Status;

namespace SimpleTime.Functions.AzureHost;

/// <summary>The end of the worker, which the Azure Functions host decides on; requests are no longer sent to it then.</summary>
internal sealed class LifetimeDrain(IHostApplicationLifetime lifetime) : IDrainState
{
    public bool IsDraining => lifetime.ApplicationStopping.IsCancellationRequested;
}
