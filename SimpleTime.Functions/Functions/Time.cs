using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Answers;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Requests;

namespace SimpleTime.Functions.Functions;

/// <summary><c>GET /</c>: what the service saw of the request. Answers whatever is wrong with Kafka or the database.</summary>
/// <param name="kafka">Whether Kafka is up.</param>
/// <param name="host">Where the service runs.</param>
/// <param name="time">The clock.</param>
public sealed class Time(IKafka kafka, HostIdentity host, TimeProvider time)
{
    /// <summary>Answers 200 and emits the events of the request and of its response.</summary>
    /// <param name="request">The request.</param>
    // "/" would break every HTTP function of the app on the official host, "" would become the function's name.
    [Function("Time")]
    public FunctionOutput Run(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "{ignored:maxlength(0)?}")] HttpRequest request)
    {
        var started = time.GetTimestamp();
        var now = time.GetUtcNow();
        var proxyChain = ForwardedAddresses.Of(request.Headers);
        var userIp = proxyChain.Length > 0 ? proxyChain[0] : AddressText.Of(request.HttpContext.Connection.RemoteIpAddress);
        var requestEvent = ServiceEvent.Create(now, ServiceEvent.HttpRequest, new HttpRequestData
        {
            UserIp = userIp,
            Method = request.Method,
            Endpoint = request.Path.Value is { Length: > 0 } path ? path : "/",
            Hostname = host.Hostname,
            Os = host.Os,
        });

        var isUp = kafka.IsUp;
        var answer = BodyResult.Json(
            StatusCodes.Status200OK,
            new TimeAnswer
            {
                Message = isUp ? "Hello, Kafka is UP" : "Hello, Kafka is NOT UP",
                Timestamp = requestEvent.Timestamp,
                UserIp = userIp,
                ProxyChain = proxyChain,
                Hostname = host.Hostname,
                Os = host.Os,
                PodIp = host.PodIp,
                KafkaStatus = isUp ? "UP" : "NOT UP",
            },
            AnswerJsonContext.Default.TimeAnswer);

        var responseEvent = ServiceEvent.Create(time.GetUtcNow(), ServiceEvent.HttpResponse, new HttpResponseData
        {
            RequestId = requestEvent.EventId,
            UserIp = userIp,
            StatusCode = StatusCodes.Status200OK,
            ResponseTimeMs = Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 3),
        });
        return new FunctionOutput { Answer = answer, Events = [requestEvent, responseEvent] };
    }
}

/// <summary>The body of <c>GET /</c>.</summary>
internal sealed class TimeAnswer
{
    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("timestamp")]
    public required string Timestamp { get; init; }

    [JsonPropertyName("user_ip")]
    public required string? UserIp { get; init; }

    [JsonPropertyName("proxy_chain")]
    public required string[] ProxyChain { get; init; }

    [JsonPropertyName("hostname")]
    public required string Hostname { get; init; }

    [JsonPropertyName("os")]
    public required string Os { get; init; }

    [JsonPropertyName("pod_ip")]
    public required string? PodIp { get; init; }

    [JsonPropertyName("kafka_status")]
    public required string KafkaStatus { get; init; }
}
