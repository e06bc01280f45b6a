using System.Text;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NSubstitute;
using SimpleTime.Functions.AzureHost;
using SimpleTime.Functions.Functions;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Refused;
using SimpleTime.Functions.Replay;
using SimpleTime.Functions.Settings;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Kafka.Clients;
using SimpleTime.Functions.Tests.Requests;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.AzureHost;

/// <summary>What the service does itself on the official host, in a worker of this repository, whose API is the same.</summary>
public sealed class AzureHostTests : IDisposable
{
    // The contract's 10 s, and what a busy machine may take.
    private static readonly TimeSpan _turn = TimeSpan.FromSeconds(20);

    private readonly TestTopic _topic = new(2);

    public void Dispose() => _topic.Dispose();

    [Fact]
    public async Task Kafka_is_seen_with_its_lag_by_a_client_of_the_apps_own()
    {
        await using var worker = await StartAsync();
        var kafka = worker.Services.GetRequiredService<IKafka>();
        await Eventually.BecomesTrueAsync(() => kafka.IsUp, _turn);
        await _topic.ProduceAsync(0, "a", "b", "c");
        _topic.Commit(0, 1);

        await Eventually.EqualsAsync(2, () => kafka.Snapshot().Lag, _turn);
        var up = kafka.Snapshot();
        Assert.Equal((true, KafkaState.Up, KafkaState.Up), (up.IsUp, up.Producer, up.Consumer));
        Assert.Equal((_topic.Brokers, TestTopic.Name, TestTopic.Group), (up.Brokers, up.Topic, up.ConsumerGroup));
        Assert.Null(up.PausedReason);

        _topic.SetDown();
        await Eventually.BecomesTrueAsync(() => !kafka.IsUp, _turn);
        var down = kafka.Snapshot();
        Assert.Equal((false, KafkaState.NotUp, KafkaState.NotUp), (down.IsUp, down.Producer, down.Consumer));
        Assert.Null(down.Lag);

        _topic.SetUp();
        await Eventually.BecomesTrueAsync(() => kafka.IsUp, _turn);
    }

    [Fact]
    public async Task What_is_pending_is_not_known_and_a_flush_says_so()
    {
        await using var worker = await StartAsync();
        var kafka = worker.Services.GetRequiredService<IKafka>();
        await Eventually.BecomesTrueAsync(() => kafka.IsUp, _turn);

        var flush = new KafkaFlush(kafka);
        var answer = (await flush.RunAsync(TestRequest.Post("/kafka/flush", ""), default)).Answer;

        Assert.Equal(503, answer.Status());
        Assert.Equal("This host does not know which events Kafka has acknowledged.", answer.Json().GetProperty("detail").GetString());
        Assert.Null(kafka.Snapshot().Pending);
        var status = new KafkaStatus(kafka).Run(TestRequest.Get("/kafka/status"));
        Assert.Equal(200, status.Status());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, status.Json().GetProperty("pending").ValueKind);
    }

    [Fact]
    public async Task Clients_of_functions_that_are_switched_off_are_disabled()
    {
        await using var worker = await StartAsync(
            ("AzureWebJobs.PersistEvents.Disabled", "1"), ("AzureFunctionsJobHost:functions:0", "healthz"));

        var snapshot = worker.Services.GetRequiredService<IKafka>().Snapshot();

        Assert.Equal((KafkaState.Disabled, KafkaState.Disabled), (snapshot.Producer, snapshot.Consumer));
    }

    [Fact]
    public async Task A_record_is_published_with_its_key_and_headers_once_Kafka_has_it()
    {
        await using var worker = await StartAsync();
        var publisher = worker.Services.GetRequiredService<IEventPublisher>();

        await publisher.PublishAsync(TestTopic.Name, "k"u8.ToArray(), "v"u8.ToArray(), [new("h", "x"u8.ToArray())], default);

        var record = Assert.Single(await TopicReader.ReadAllAsync(_topic.Brokers, TestTopic.Name)).Message;
        Assert.Equal(("k", "v"), (record.Key, record.Value));
        Assert.Equal("x", Encoding.ASCII.GetString(record.Headers.GetLastBytes("h")));
    }

    [Fact]
    public async Task A_record_that_Kafka_refuses_is_an_error_in_words()
    {
        await using var worker = await StartAsync();
        var publisher = worker.Services.GetRequiredService<IEventPublisher>();

        var refused = await Assert.ThrowsAsync<IOException>(
            () => publisher.PublishAsync(TestTopic.Name, null, new byte[2_000_000], [], default));

        Assert.StartsWith("Kafka did not acknowledge the record: ", refused.Message, StringComparison.Ordinal);
        Assert.IsAssignableFrom<KafkaException>(refused.InnerException);
    }

    [Fact]
    public async Task There_are_no_refused_messages_to_send_again()
    {
        await using var worker = await StartAsync();
        var publisher = worker.Services.GetRequiredService<IEventPublisher>();

        Assert.Equal(ReplayExitCode.WrongRequest, await RefusedCommand.RunAsync(new ReplayOptions(null, null), worker.Services, publisher, default));
    }

    [Fact]
    public async Task The_worker_is_draining_from_the_moment_that_it_is_to_stop()
    {
        await using var worker = await StartAsync();
        var lifetime = worker.Services.GetRequiredService<IHostApplicationLifetime>();
        var readyz = new Readyz(lifetime);
        Assert.Equal(200, readyz.Run(TestRequest.Get("/readyz")).Status());

        lifetime.StopApplication();

        Assert.Equal(503, readyz.Run(TestRequest.Get("/readyz")).Status());
    }

    [Fact]
    public async Task A_batch_that_fails_is_the_paused_reason_until_one_succeeds()
    {
        var failure = new ConsumerFailure();
        var context = Context("PersistEvents");

        await Assert.ThrowsAsync<InvalidOperationException>(() => failure.Invoke(context, _ => throw new InvalidOperationException("The disk\nis full.")));
        Assert.Equal("The disk is full.", failure.Reason);
        await Assert.ThrowsAsync<OperationCanceledException>(() => failure.Invoke(context, _ => throw new OperationCanceledException("Stopping.")));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => failure.Invoke(Context("Time"), _ => throw new InvalidOperationException("Another function's.")));
        Assert.Equal("The disk is full.", failure.Reason);
        await failure.Invoke(Context("Time"), _ => Task.CompletedTask);
        Assert.NotNull(failure.Reason);

        await failure.Invoke(context, _ => Task.CompletedTask);
        Assert.Null(failure.Reason);
    }

    [Fact]
    public async Task Settings_that_mean_something_else_on_this_host_are_told_by_name_and_never_by_value()
    {
        await using var worker = await StartAsync(("FUNCTIONS_KEYS", "secret"), ("SHUTDOWN_DRAIN_SECONDS", "5"));

        var warning = Assert.Single(worker.Logs.All, line => line.Category.EndsWith(nameof(SettingsCheck), StringComparison.Ordinal));
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.Equal("Set, but not read on the Azure Functions host: FUNCTIONS_KEYS, EVENT_SPOOL_PATH, SHUTDOWN_DRAIN_SECONDS.", warning.Text);
    }

    [Fact]
    public void Settings_of_bindings_that_are_missing_and_a_broker_that_is_not_there_are_told()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [new("KAFKA_BROKERS", "embedded"), new("KAFKA_TOPIC_EVENTS", " ")]).Build();

        Assert.Collection(
            AzureHostSettings.Problems(configuration),
            problem => Assert.StartsWith("Not set: KAFKA_TOPIC_EVENTS, KAFKA_CONSUMER_GROUP. ", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("KAFKA_BROKERS is \"embedded\"", problem, StringComparison.Ordinal));
    }

    private static FunctionContext Context(string function)
    {
        var context = Substitute.For<FunctionContext>();
        context.FunctionDefinition.Name.Returns(function);
        return context;
    }

    private Task<TestWorker> StartAsync(params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["KAFKA_BROKERS"] = _topic.Brokers,
            ["KAFKA_TOPIC_EVENTS"] = TestTopic.Name,
            ["KAFKA_CONSUMER_GROUP"] = TestTopic.Group,
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return TestWorker.StartAsync([TestFunctions.Http("Only")], all, builder =>
        {
            builder.AddAzureHost();
            builder.Services.AddHostedService<SettingsCheck>();
        });
    }
}
