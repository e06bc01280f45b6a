using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Answers;

namespace SimpleTime.Functions.Kafka;

/// <summary>
/// An answer that says that events were accepted, unless they were not: then it is 503. Immutable, safe for use by several threads.
/// </summary>
/// <param name="accepted">The answer when they were.</param>
/// <param name="acceptance">Tells.</param>
internal sealed class PublishedResult(BodyResult accepted, IEventAcceptance acceptance) : IResult
{
    private static readonly BodyResult _refused = ProblemAnswer.Result(
        StatusCodes.Status503ServiceUnavailable, "Neither Kafka nor the spool takes the event now, so it was not accepted. Try again later.");

    public Task ExecuteAsync(HttpContext httpContext) =>
        (acceptance.IsAccepted(httpContext) ? accepted : _refused).ExecuteAsync(httpContext);
}
