using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Monitoring;

/// <summary>What a Prometheus says that scrapes the service while Kafka goes and comes back, and when the service is gone.</summary>
public sealed class AlertsInOutageTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(40);

    [PromtoolFact]
    public async Task Alerts_fire_while_Kafka_is_away_resolve_when_it_is_back_and_tell_when_the_service_is_gone()
    {
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 3);
        await using var service = await ServiceProcess.StartAsync(ServiceCalls.Settings(broker.BootstrapServers));
        await service.BecomesUpAsync();
        await service.GetTimesAsync(5);
        await using var prometheus = await PrometheusProcess.StartAsync(service.Client.BaseAddress!.Authority);
        await Eventually.MeetsAsync(() => prometheus.QueryAsync("functions_kafka_trigger_lag"), lags => lags.Length == 3, _deadline);
        await Eventually.MeetsAsync(prometheus.FiringAsync, alerts => alerts.Length == 0, _deadline);

        await broker.DownAsync();
        await service.GetTimesAsync(20);
        await Eventually.MeetsAsync(
            prometheus.FiringAsync, alerts => alerts.SequenceEqual(["SimpleTimeEventsWaiting", "SimpleTimeKafkaDown"]), _deadline);
        Assert.Equal(3, (await prometheus.QueryAsync("functions_kafka_trigger_lag")).Length);
        Assert.Single(await prometheus.QueryAsync("functions_kafka_trigger_lag_age_seconds > 5"));
        Assert.Equal(["0"], await prometheus.QueryAsync("functions_kafka_consumer_up"));

        await broker.UpAsync();
        await Eventually.MeetsAsync(prometheus.FiringAsync, alerts => alerts.Length == 0, _deadline);
        await Eventually.MeetsAsync(
            () => prometheus.QueryAsync("functions_kafka_up + functions_kafka_consumer_up - functions_kafka_output_pending_age_seconds"),
            values => values is ["2"], _deadline);
        Assert.Empty(await prometheus.QueryAsync("{__name__=~\".+_created\"}"));

        service.Terminate();
        await service.WaitForExitAsync(_deadline);
        await Eventually.MeetsAsync(prometheus.FiringAsync, alerts => alerts.SequenceEqual(["SimpleTimeDown"]), _deadline);
    }
}
