namespace SimpleTime.Functions.Requests;

/// <summary>Ends an invocation with an answer that tells the caller what is wrong.</summary>
/// <param name="statusCode">The status code of the answer.</param>
/// <param name="detail">A sentence for the caller; text of the caller in it is bounded.</param>
internal sealed class RequestRefusedException(int statusCode, string detail) : Exception(detail)
{
    /// <summary>Gets the status code of the answer.</summary>
    public int StatusCode { get; } = statusCode;
}
