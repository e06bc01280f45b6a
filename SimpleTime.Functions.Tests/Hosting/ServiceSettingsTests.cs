using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Hosting;

public sealed class ServiceSettingsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void DB_PATH_has_a_default(string? path)
    {
        var settings = From(path);

        Assert.Equal("/tmp/events.db", settings.DatabasePath);
        Assert.Empty(settings.Problems);
    }

    [Theory]
    [InlineData("/data/")]
    [InlineData("/data/a\0b")]
    public void A_DB_PATH_that_is_no_file_is_named_in_one_line(string path) =>
        Assert.StartsWith("DB_PATH \"/data/", Assert.Single(From(path).Problems), StringComparison.Ordinal);

    [Fact]
    public void The_settings_that_the_host_reads_have_defaults() => Assert.Equal(
        [
            new("KAFKA_BROKERS", "localhost:9092"),
            new("KAFKA_TOPIC_EVENTS", "simple-time-events"),
            new("KAFKA_CONSUMER_GROUP", "simple-time-group"),
            new("EVENT_SPOOL_PATH", "/tmp/simple-time-spool"),
        ],
        ServiceSettings.Defaults);

    private static ServiceSettings From(string? path) =>
        ServiceSettings.From(new ConfigurationBuilder().AddInMemoryCollection([new("DB_PATH", path)]).Build());
}
