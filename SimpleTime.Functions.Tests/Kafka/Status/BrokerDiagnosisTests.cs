using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Worker.Kafka.Security;
using SimpleTime.Functions.Worker.Kafka.Status;
using SimpleTime.Functions.Worker.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Status;

/// <summary>What is told of the brokers of a topic that is in trouble, at ports where nobody listens.</summary>
public sealed class BrokerDiagnosisTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogLines _logs = new();
    private readonly LoggerFactory _loggers;
    private readonly BrokerDiagnosis _diagnosis;
    private readonly TopicTrouble _trouble;

    public BrokerDiagnosisTests()
    {
        _loggers = new LoggerFactory([_logs]);
        var configuration = new ConfigurationBuilder().Build();
        var notices = new StartupNotices();
        var security = KafkaSecurity.Read(new SettingReader(configuration, notices), configuration, notices);
        _diagnosis = new BrokerDiagnosis(new BrokerProbe(security, hasClientCertificate: false), _time, _loggers.CreateLogger<BrokerDiagnosis>());
        _trouble = new TopicTrouble(_time);
        _trouble.Note(
            [.. Enumerable.Range(0, 2).Select(id => new PartitionMetadata(id, id + 1, [1, 2], [1, 2], new Error(ErrorCode.NoError)))],
            [.. Enumerable.Range(1, 2).Select(id => new BrokerMetadata(id, "127.0.0.1", id))]);
    }

    public void Dispose() => _loggers.Dispose();

    [Fact]
    public async Task Brokers_with_one_problem_are_told_together_and_once_until_the_trouble_is_over()
    {
        await LookAsync([0, 1]);
        Assert.Equal("broker 1 at 127.0.0.1:1, broker 2 at 127.0.0.1:2: connection refused", _trouble.Finding);
        Assert.Equal(1, _logs.Count("connection refused"));

        // One recovers before the other.
        await LookAsync([1]);
        Assert.Equal("broker 2 at 127.0.0.1:2: connection refused", _trouble.Finding);
        await LookAsync([0, 1]);
        Assert.Equal(1, _logs.Count("connection refused"));

        await LookAsync([]);
        Assert.Null(_trouble.Finding);
        await LookAsync([1]);
        Assert.Equal(2, _logs.Count("connection refused"));
    }

    [Fact]
    public async Task A_broker_that_gets_the_problem_later_is_told()
    {
        await LookAsync([0]);
        await LookAsync([0, 1]);

        Assert.Equal(2, _logs.Count("connection refused"));
    }

    private Task LookAsync(IReadOnlyList<int> unreachable)
    {
        _trouble.Update(null, unreachable, null);
        _time.Advance(TimeSpan.FromSeconds(10));
        return _diagnosis.RunAsync("topic", "127.0.0.1:1", _trouble, CancellationToken.None);
    }
}
