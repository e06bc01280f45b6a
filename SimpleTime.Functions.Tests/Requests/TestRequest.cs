using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SimpleTime.Functions.Answers;

namespace SimpleTime.Functions.Tests.Requests;

/// <summary>Makes requests for functions and reads their answers.</summary>
internal static class TestRequest
{
    public static HttpRequest Get(string path)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = "GET";
        request.Path = path;
        return request;
    }

    public static HttpRequest Post(string path, string body) => Post(path, Encoding.UTF8.GetBytes(body));

    public static HttpRequest Post(string path, byte[] body, bool withLength = true)
    {
        var request = Get(path);
        request.Method = "POST";
        request.Body = new MemoryStream(body);
        request.ContentLength = withLength ? body.Length : null;
        return request;
    }

    /// <summary>Executes an answer and returns the body that it wrote.</summary>
    public static async Task<byte[]> BodyAsync(this IResult answer, HttpContext http)
    {
        using var body = new MemoryStream();
        http.Response.Body = body;
        await answer.ExecuteAsync(http);
        return body.ToArray();
    }

    public static JsonElement Json(this IResult answer) => JsonElement.Parse(((BodyResult)answer).Body.Span);

    public static string Text(this IResult answer) => Encoding.UTF8.GetString(((BodyResult)answer).Body.Span);

    public static int Status(this IResult answer) => ((BodyResult)answer).StatusCode;
}
