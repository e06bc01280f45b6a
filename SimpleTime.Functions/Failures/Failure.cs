using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Answers;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Requests;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Failures;

/// <summary>What a failed invocation means to its caller and to the record that is kept of it.</summary>
/// <param name="StatusCode">The status code of the answer.</param>
/// <param name="Detail">What the caller is told.</param>
/// <param name="ErrorMessage">What the record says: at most 512 characters on one line.</param>
/// <param name="ErrorType">The exception's type, without its namespace.</param>
internal readonly record struct Failure(int StatusCode, string Detail, string ErrorMessage, string ErrorType)
{
    private const int MaxMessage = 512;

    /// <summary>Gets whether it is the service's fault, so that the operator should hear of it.</summary>
    public bool IsOurs => StatusCode == StatusCodes.Status500InternalServerError;

    /// <summary>Gets whether an <c>error</c> event tells of it. What only says "not now" (503, 504) is no error.</summary>
    public bool IsRecorded => StatusCode is StatusCodes.Status400BadRequest or
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status500InternalServerError;

    /// <summary>Returns what an exception means.</summary>
    /// <param name="exception">What the function threw.</param>
    public static Failure Of(Exception exception)
    {
        var message = SafeText.OneLine(exception.Message, MaxMessage);
        return exception switch
        {
            RequestRefusedException refused => New(refused.StatusCode, message),
            JsonException => New(StatusCodes.Status400BadRequest, SafeText.OneLine($"The body is not valid JSON: {message}", MaxMessage)),
            BadHttpRequestException bad => New(bad.StatusCode, message),
            _ => New(StatusCodes.Status500InternalServerError, "The service failed to answer this request. It has logged why."),
        };

        // The reader's own JsonException is a type that nobody can catch by name.
        Failure New(int statusCode, string detail) =>
            new(statusCode, detail, message, exception is JsonException ? nameof(JsonException) : exception.GetType().Name);
    }

    /// <summary>Returns whether an exception only says that the caller is gone.</summary>
    /// <param name="exception">What the function threw.</param>
    /// <param name="requestAborted">Whether the connection is closed.</param>
    public static bool IsAbort(Exception exception, bool requestAborted) =>
        requestAborted && exception is OperationCanceledException or IOException;

    /// <summary>Returns the answer to the caller.</summary>
    public BodyResult ToAnswer() => ProblemAnswer.Result(StatusCode, Detail);

    /// <summary>Returns the event that tells of it.</summary>
    /// <param name="now">When it happened.</param>
    /// <param name="endpoint">The path of the request.</param>
    public ServiceEvent ToEvent(DateTimeOffset now, string endpoint) => ServiceEvent.Create(now, ServiceEvent.Error, new ErrorData
    {
        ErrorMessage = ErrorMessage,
        ErrorType = ErrorType,
        Endpoint = SafeText.OneLine(endpoint, MaxMessage),
    });
}
