using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Kafka;

namespace SimpleTime.Functions.AzureHost;

/// <summary>The Azure Functions host takes events after the answer and tells a worker nothing of it: by then none is refused.</summary>
internal sealed class LaterAcceptance : IEventAcceptance
{
    public bool IsAccepted(HttpContext request) => true;
}
