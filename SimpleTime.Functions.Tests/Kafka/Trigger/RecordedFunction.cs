using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Worker;

namespace SimpleTime.Functions.Tests.Kafka.Trigger;

/// <summary>A Kafka function that keeps what it got and fails or waits as a test wants. Safe for use by several threads.</summary>
internal sealed class RecordedFunction
{
    public const string Name = "Consume";

    private readonly Lock _lock = new();
    private readonly List<Call> _calls = [];

    /// <summary>Runs within each call, before it counts as done; throws to fail it.</summary>
    public Func<Call, Task>? Body { get; set; }

    /// <summary>The calls so far: a copy.</summary>
    public IReadOnlyList<Call> Calls
    {
        get
        {
            lock (_lock)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>The values of the calls that ended well, in order.</summary>
    public IReadOnlyList<string> Done => [.. Calls.Where(call => call.IsDone).SelectMany(call => call.Values)];

    public FunctionDescriptor Describe(TestTopic topic, bool isBatched = true, RetryAttribute? retry = null) =>
        TestFunctions.Kafka(Name, topic.Trigger(isBatched), RunAsync, retry);

    public FunctionDescriptor Describe(KafkaTriggerAttribute trigger) => TestFunctions.Kafka(Name, trigger, RunAsync);

    /// <summary>Starts a worker with this function alone.</summary>
    public Task<TestWorker> StartAsync(TestTopic topic, params (string Key, string Value)[] kafka) =>
        TestWorker.StartAsync([Describe(topic)], TestTopic.Settings(kafka));

    private async Task RunAsync(KafkaRecord[] records, FunctionContext context)
    {
        var call = new Call(records, context);
        lock (_lock)
        {
            _calls.Add(call);
        }

        if (Body is { } body)
        {
            await body(call);
        }

        call.IsDone = true;
    }

    internal sealed record Call(KafkaRecord[] Records, FunctionContext Context)
    {
        private volatile bool _isDone;

        public bool IsDone
        {
            get => _isDone;
            set => _isDone = value;
        }

        public IEnumerable<string> Values => Records.Select(record => System.Text.Encoding.UTF8.GetString(record.Value ?? []));
    }
}
