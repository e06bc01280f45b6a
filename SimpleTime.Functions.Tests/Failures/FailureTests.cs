using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Answers;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Failures;
using SimpleTime.Functions.Requests;
using SimpleTime.Functions.Tests.Requests;
using Xunit;

namespace SimpleTime.Functions.Tests.Failures;

public sealed class FailureTests
{
    [Theory]
    [InlineData(400, true)]
    [InlineData(413, true)]
    [InlineData(503, false)]
    [InlineData(504, false)]
    public void A_refusal_answers_what_it_says_and_is_recorded_when_the_caller_erred(int statusCode, bool isRecorded)
    {
        var failure = Failure.Of(new RequestRefusedException(statusCode, "Because."));

        Assert.Equal((statusCode, "Because.", isRecorded, false), (failure.StatusCode, failure.Detail, failure.IsRecorded, failure.IsOurs));
    }

    [Fact]
    public void Wrong_JSON_is_the_callers_fault_whichever_type_tells_of_it()
    {
        var fromReader = Assert.ThrowsAny<JsonException>(() => JsonElement.Parse("{"));

        var failure = Failure.Of(fromReader);

        Assert.Equal((400, "JsonException", true), (failure.StatusCode, failure.ErrorType, failure.IsRecorded));
        Assert.StartsWith("The body is not valid JSON: ", failure.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_server_refuses_keeps_its_status()
    {
        Assert.Equal(413, Failure.Of(new BadHttpRequestException("Request body too large.", 413)).StatusCode);
        Assert.Equal(408, Failure.Of(new BadHttpRequestException("Too slow.", 408)).StatusCode);
    }

    [Fact]
    public void Anything_else_is_500_and_tells_the_caller_nothing_of_it()
    {
        var failure = Failure.Of(new InvalidOperationException("The password is hunter2."));

        Assert.Equal((500, true, true), (failure.StatusCode, failure.IsOurs, failure.IsRecorded));
        Assert.DoesNotContain("hunter2", failure.ToAnswer().Text(), StringComparison.Ordinal);
        Assert.Equal("InvalidOperationException", failure.ErrorType);
        Assert.Equal("The password is hunter2.", failure.ErrorMessage);
    }

    [Fact]
    public void The_record_of_a_failure_is_one_line_of_at_most_512_characters()
    {
        var failure = Failure.Of(new InvalidOperationException("a\r\n\u001b[31m\u2028" + new string('x', 510) + "😀"));

        var data = (ErrorData)failure.ToEvent(DateTimeOffset.UnixEpoch, "/kafka/publish\n").Data;

        Assert.True(data.ErrorMessage.Length <= 512);
        Assert.DoesNotContain(data.ErrorMessage, char.IsControl);
        Assert.StartsWith("a   [31m xxx", data.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal("/kafka/publish ", data.Endpoint);
    }

    [Fact]
    public void The_answer_is_a_problem_that_a_person_understands()
    {
        var answer = Failure.Of(new RequestRefusedException(400, "\"data\" isn't an object.")).ToAnswer();

        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal(
            """{"type":"about:blank","title":"Bad Request","status":400,"detail":"\"data\" isn't an object."}""", answer.Text());
    }

    [Theory]
    [InlineData(typeof(OperationCanceledException), true, true)]
    [InlineData(typeof(TaskCanceledException), true, true)]
    [InlineData(typeof(IOException), true, true)]
    [InlineData(typeof(OperationCanceledException), false, false)]
    [InlineData(typeof(IOException), false, false)]
    [InlineData(typeof(InvalidOperationException), true, false)]
    public void A_caller_who_left_is_no_failure(Type exception, bool requestAborted, bool isAbort) =>
        Assert.Equal(isAbort, Failure.IsAbort((Exception)Activator.CreateInstance(exception)!, requestAborted));

    [Fact]
    public async Task An_answer_to_a_caller_who_left_has_no_body()
    {
        var http = new DefaultHttpContext();

        await BodyResult.Empty(499).ExecuteAsync(http);

        Assert.Equal((499, 0L, null), (http.Response.StatusCode, http.Response.ContentLength, http.Response.ContentType));
    }
}
