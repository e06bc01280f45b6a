using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Reflection;
using System.Text.Json;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SimpleTime.Functions.Tests.Official.Rpc;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Official;

/// <summary>
/// The app in the official worker, as a process, and this side of the protocol by which the Azure Functions host speaks to it: loads the
/// functions and invokes them. Binds no Kafka: shows what a worker hands over for it.
/// </summary>
internal sealed class FunctionsHost : FunctionRpc.FunctionRpcBase, IAsyncDisposable
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);
    private static readonly string _app =
        typeof(FunctionsHost).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "App").Value!;

    private readonly Channel<StreamingMessage> _toWorker = Channel.CreateUnbounded<StreamingMessage>();
    private readonly TaskCompletionSource<WorkerInitResponse> _initialized = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<FunctionMetadataResponse> _indexed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<InvocationResponse>> _invocations = new();
    private readonly ConcurrentDictionary<string, FunctionLoadResponse> _loaded = new();
    private readonly ConcurrentQueue<RpcLog> _logs = new();
    private readonly ConcurrentQueue<string> _console = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = _deadline };
    private readonly TempFolder _folder = new();
    private WebApplication? _server;
    private Process? _worker;

    /// <summary>What the worker says of its functions.</summary>
    public IReadOnlyList<RpcFunctionMetadata> Functions { get; private set; } = [];

    /// <summary>What the worker wrote to its console: a copy.</summary>
    public IReadOnlyList<string> ConsoleLines => [.. _console];

    /// <summary>What the worker logged through the host: a copy.</summary>
    public IReadOnlyList<RpcLog> Logs => [.. _logs];

    /// <summary>Starts the worker and loads its functions.</summary>
    /// <param name="topic">The topic of events.</param>
    /// <param name="brokers">The addresses of Kafka.</param>
    /// <param name="settings">More of its environment.</param>
    public async Task StartAsync(string topic, string brokers, params (string Name, string Value)[] settings)
    {
        var uri = await ListenAsync();
        _worker = Process.Start(Start(uri, [
            ("KAFKA_TOPIC_EVENTS", topic), ("KAFKA_BROKERS", brokers), ("KAFKA_CONSUMER_GROUP", "simple-time-group"),
            ("DB_PATH", _folder.Combine("events.db")), .. settings]))!;
        _worker.OutputDataReceived += (_, line) => Keep(line.Data);
        _worker.ErrorDataReceived += (_, line) => Keep(line.Data);
        _worker.BeginOutputReadLine();
        _worker.BeginErrorReadLine();
        var folder = Path.GetDirectoryName(_app)!;

        _client.BaseAddress = new Uri((await _initialized.Task.WaitAsync(_deadline)).Capabilities["HttpUri"]);
        Send(new StreamingMessage { FunctionsMetadataRequest = new FunctionsMetadataRequest { FunctionAppDirectory = folder } });
        Functions = [.. (await _indexed.Task.WaitAsync(_deadline)).FunctionMetadataResults];
        foreach (var function in Functions)
        {
            foreach (var binding in function.RawBindings.Select(raw => JsonElement.Parse(raw)))
            {
                function.Bindings[binding.GetProperty("name").GetString()!] = new BindingInfo
                {
                    Type = binding.GetProperty("type").GetString()!,
                    Direction = Enum.Parse<BindingInfo.Types.Direction>(binding.GetProperty("direction").GetString()!, true),
                };
            }

            Send(new StreamingMessage { FunctionLoadRequest = new FunctionLoadRequest { FunctionId = function.FunctionId, Metadata = function } });
        }

        await Eventually.EqualsAsync(Functions.Count, () => _loaded.Count, _deadline);

        // The server starts after the worker has told its address, and the host tries again until then.
        await Eventually.BecomesTrueAsync(() => CanConnectAsync(_client.BaseAddress), _deadline);
    }

    /// <summary>Why functions could not be loaded.</summary>
    public IEnumerable<string> LoadFailures =>
        _loaded.Values.Where(load => load.Result.Status != StatusResult.Types.Status.Success).Select(load => load.Result.Exception.Message);

    /// <summary>Sends a request as the host does: to the worker's server, and as an invocation.</summary>
    /// <param name="function">The function that its path is routed to.</param>
    /// <param name="request">The request, with a path.</param>
    /// <returns>The answer, and what the worker hands over for the outputs.</returns>
    public async Task<(HttpResponseMessage Answer, InvocationResponse Invocation)> RequestAsync(string function, HttpRequestMessage request)
    {
        var id = Guid.NewGuid().ToString();
        request.Headers.Add("x-ms-invocation-id", id);
        var answer = _client.SendAsync(request);
        var http = new RpcHttp { Method = request.Method.Method, Url = new Uri(_client.BaseAddress!, request.RequestUri!).ToString() };
        var invocation = await InvokeAsync(function, id, new TypedData { Http = http });
        return (await answer, invocation);
    }

    /// <summary>Invokes a function with the value of its trigger.</summary>
    public Task<InvocationResponse> InvokeAsync(string function, string json) =>
        InvokeAsync(function, Guid.NewGuid().ToString(), new TypedData { Json = json });

    /// <summary>The worker's side calls this.</summary>
    /// <inheritdoc/>
    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        var sending = SendAllAsync(responseStream, context.CancellationToken);
        await foreach (var message in requestStream.ReadAllAsync(context.CancellationToken))
        {
            Receive(message);
        }

        await sending;
    }

    public async ValueTask DisposeAsync()
    {
        _toWorker.Writer.TryComplete();
        if (_worker is { } worker)
        {
            worker.Kill();
            await worker.WaitForExitAsync();
            worker.Dispose();
        }

        if (_server is { } server)
        {
            await server.DisposeAsync();
        }

        _client.Dispose();
        _folder.Dispose();
    }

    private static ProcessStartInfo Start(Uri uri, IEnumerable<(string Name, string Value)> settings)
    {
        var start = new ProcessStartInfo("dotnet", [
            _app, "--functions-uri", uri.ToString(), "--functions-worker-id", "tests", "--functions-request-id", "start",
            "--functions-grpc-max-message-length", "2147483647"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(_app),
        };
        start.Environment["FUNCTIONS_WORKER_DIRECTORY"] = Path.GetDirectoryName(_app);
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = Path.GetDirectoryName(_app);
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static async Task<bool> CanConnectAsync(Uri uri)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(uri.Host, uri.Port);
        return true;
    }

    private async Task<Uri> ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(server => server.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        _server = builder.Build();
        _server.MapGrpcService<FunctionsHost>();
        await _server.StartAsync();
        return new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    private void Receive(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case StreamingMessage.ContentOneofCase.StartStream:
                var folder = Path.GetDirectoryName(_app)!;
                Send(new StreamingMessage
                {
                    WorkerInitRequest = new WorkerInitRequest { HostVersion = "4.1037.0.0", WorkerDirectory = folder, FunctionAppDirectory = folder },
                });
                break;
            case StreamingMessage.ContentOneofCase.WorkerInitResponse:
                _initialized.SetResult(message.WorkerInitResponse);
                break;
            case StreamingMessage.ContentOneofCase.FunctionMetadataResponse:
                _indexed.SetResult(message.FunctionMetadataResponse);
                break;
            case StreamingMessage.ContentOneofCase.FunctionLoadResponse:
                _loaded[message.FunctionLoadResponse.FunctionId] = message.FunctionLoadResponse;
                break;
            case StreamingMessage.ContentOneofCase.InvocationResponse:
                _invocations[message.InvocationResponse.InvocationId].SetResult(message.InvocationResponse);
                break;
            case StreamingMessage.ContentOneofCase.RpcLog:
                _logs.Enqueue(message.RpcLog);
                break;
        }
    }

    private async Task<InvocationResponse> InvokeAsync(string function, string id, TypedData trigger)
    {
        var metadata = Functions.Single(candidate => candidate.Name == function);
        var parameter = metadata.Bindings.Single(binding => binding.Value.Direction == BindingInfo.Types.Direction.In).Key;
        var answer = _invocations[id] = new TaskCompletionSource<InvocationResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        Send(new StreamingMessage
        {
            InvocationRequest = new InvocationRequest
            {
                InvocationId = id,
                FunctionId = metadata.FunctionId,
                TraceContext = new RpcTraceContext(),
                InputData = { new ParameterBinding { Name = parameter, Data = trigger } },
            },
        });
        return await answer.Task.WaitAsync(_deadline);
    }

    private async Task SendAllAsync(IServerStreamWriter<StreamingMessage> worker, CancellationToken cancellationToken)
    {
        await foreach (var message in _toWorker.Reader.ReadAllAsync(cancellationToken))
        {
            await worker.WriteAsync(message, cancellationToken);
        }
    }

    private void Send(StreamingMessage message)
    {
        message.RequestId = Guid.NewGuid().ToString();
        _toWorker.Writer.TryWrite(message);
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _console.Enqueue(line);
        }
    }
}
