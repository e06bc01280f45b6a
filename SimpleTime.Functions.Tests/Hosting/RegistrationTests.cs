using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NSubstitute;
using SimpleTime.Functions.Failures;
using SimpleTime.Functions.Functions;
using SimpleTime.Functions.Kafka;
using SimpleTime.Functions.Settings;
using SimpleTime.Functions.Worker.Diagnostics;
using Xunit;

namespace SimpleTime.Functions.Tests.Hosting;

public sealed class RegistrationTests
{
    [Theory]
    [InlineData(typeof(Time))]
    [InlineData(typeof(Healthz))]
    [InlineData(typeof(Readyz))]
    [InlineData(typeof(Metrics))]
    [InlineData(typeof(KafkaStatus))]
    [InlineData(typeof(KafkaPublish))]
    [InlineData(typeof(KafkaFlush))]
    [InlineData(typeof(PersistEvents))]
    [InlineData(typeof(ErrorMiddleware))]
    public async Task Every_function_finds_what_it_needs(Type function)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("DB_PATH", "/nowhere/"), new("POD_IP", "nonsense")]).Build();
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddSimpleTime(configuration)
            .AddSingleton(Substitute.For<IKafka>())
            .AddSingleton<ThrottledLog>()
            .AddSingleton(Substitute.For<IHostApplicationLifetime>())
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        await services.GetServices<IHostedService>().OfType<SettingsCheck>().Single().StartAsync(default);
        await using var scope = services.CreateAsyncScope();

        Assert.NotNull(ActivatorUtilities.CreateInstance(scope.ServiceProvider, function));
    }
}
