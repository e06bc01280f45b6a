using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Worker.Diagnostics;

namespace SimpleTime.Functions.Worker.Kafka;

/// <summary>Lets the states be seen that <see cref="KafkaReport"/> tells, from the start of the host on.</summary>
internal sealed class KafkaStatusMetrics(IKafkaHost kafka, IMeterFactory meters) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.Create(WorkerMeter.Name);
        meter.CreateObservableGauge(
            "functions.kafka.up", () => Measure(State), description: "1 while Kafka is UP, as kafka_status of /kafka/status has it.");
        meter.CreateObservableGauge(
            "functions.kafka.producer.up", () => Measure(report => report.Producer), description: "1 while the producers work; none where no enabled function has one.");
        meter.CreateObservableGauge(
            "functions.kafka.consumer.up", () => Measure(report => report.Consumer), description: "1 while the consumers work; none where no enabled function has one.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // An app without Kafka is not one whose Kafka is away.
    private static KafkaClientState State(KafkaReport report) =>
        report.Topic.Length == 0 ? KafkaClientState.Disabled : report.IsUp ? KafkaClientState.Up : KafkaClientState.NotUp;

    private Measurement<long>[] Measure(Func<KafkaReport, KafkaClientState> select) => select(kafka.Report()) switch
    {
        KafkaClientState.Disabled => [],
        KafkaClientState.NotUp => [new Measurement<long>(0)],
        _ => [new Measurement<long>(1)],
    };
}
