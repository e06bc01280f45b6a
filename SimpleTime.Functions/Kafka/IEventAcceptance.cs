using Microsoft.AspNetCore.Http;

namespace SimpleTime.Functions.Kafka;

/// <summary>What became of the events that a function returned. Safe for use by several threads.</summary>
public interface IEventAcceptance
{
    /// <summary>
    /// Whether the Kafka output took all events of the function that answers a request, as far as the host tells. Known when the
    /// answer is executed, not while the function runs.
    /// </summary>
    /// <param name="request">The request.</param>
    bool IsAccepted(HttpContext request);
}
