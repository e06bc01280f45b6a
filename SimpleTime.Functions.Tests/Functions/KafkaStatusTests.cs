using NSubstitute;
using SimpleTime.Functions.Functions;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Tests.Requests;
using Xunit;

namespace SimpleTime.Functions.Tests.Functions;

public sealed class KafkaStatusTests
{
    private static readonly KafkaStatusSnapshot _up = new()
    {
        IsUp = true,
        Producer = KafkaState.Up,
        Consumer = KafkaState.Up,
        Brokers = "localhost:9092",
        Topic = "simple-time-events",
        ConsumerGroup = "simple-time-group",
        Pending = 2,
        Lag = 3,
    };

    [Fact]
    public void Answers_200_when_Kafka_is_up()
    {
        var answer = Run(_up);

        Assert.Equal(200, answer.Status());
        Assert.Equal(
            """{"kafka_status":"UP","kafka_producer":"UP","kafka_consumer":"UP","brokers":"localhost:9092","topic":"simple-time-events","consumer_group":"simple-time-group","pending":2,"lag":3,"paused_reason":null,"reason":null}""",
            answer.Text());
    }

    [Fact]
    public void Answers_503_with_the_same_body_when_Kafka_is_not_up()
    {
        var answer = Run(_up with
        {
            IsUp = false,
            Producer = KafkaState.NotUp,
            Consumer = KafkaState.Disabled,
            Pending = 0,
            Lag = null,
            PausedReason = "DB_PATH /data/events.db: its disk is full.",
            Reason = "127.0.0.1:9092: connection refused",
        });

        Assert.Equal(503, answer.Status());
        Assert.Equal(
            """{"kafka_status":"NOT UP","kafka_producer":"NOT UP","kafka_consumer":"DISABLED","brokers":"localhost:9092","topic":"simple-time-events","consumer_group":"simple-time-group","pending":0,"lag":null,"paused_reason":"DB_PATH /data/events.db: its disk is full.","reason":"127.0.0.1:9092: connection refused"}""",
            answer.Text());
    }

    private static Microsoft.AspNetCore.Http.IResult Run(KafkaStatusSnapshot snapshot)
    {
        var kafka = Substitute.For<IKafka>();
        kafka.Snapshot().Returns(snapshot);
        return new KafkaStatus(kafka).Run(TestRequest.Get("/kafka/status"));
    }
}
