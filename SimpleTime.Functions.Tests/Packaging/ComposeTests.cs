using SimpleTime.Functions.Tests.Monitoring;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary><c>compose.yaml</c> and the files that it mounts.</summary>
public sealed class ComposeTests
{
    private static readonly string _text = Repository.Read("compose.yaml");
    private static readonly object _compose = Yaml.Parse(_text);
    private static readonly string _collector = Repository.Read("compose/collector.yaml");
    private static readonly string _endpoint = (string)_compose.At("services", "simple-time", "environment", "OTEL_EXPORTER_OTLP_ENDPOINT");

    [Fact]
    public void The_compose_file_is_pinned_loopback_only_and_complete()
    {
        Assert.Empty(ComposeRules.Problems(_compose, Repository.Root));
        Assert.Equal(
            ["simple-time", "kafka", "topic", "collector", "prometheus", "grafana"], _compose.At("services").Entries().Select(service => service.Key));
    }

    [Theory]
    [InlineData("apache/kafka:4.3.0", "apache/kafka", "kafka: the image apache/kafka is not pinned")]
    [InlineData("grafana/grafana:12.1.1", "grafana/grafana:latest", "grafana: the image grafana/grafana:latest is not pinned")]
    [InlineData("127.0.0.1:9090:9090", "9090:9090", "prometheus: the port 9090:9090 is open")]
    [InlineData("127.0.0.1:8080:8080", "0.0.0.0:8080:8080", "simple-time: the port 0.0.0.0:8080:8080 is open")]
    [InlineData("EVENT_SPOOL_PATH", "EVENT_SPOOL_DIR", "EVENT_SPOOL_DIR is no setting")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_ENDPOINT", "OTEL_ENDPOINT is no setting")]
    [InlineData("./compose/collector.yaml", "./compose/otel.yaml", "./compose/otel.yaml is mounted and is not there")]
    [InlineData("- simple-time-data:/data", "- data:/data", "data is mounted and is not there")]
    [InlineData("      collector:\n        condition", "      otel:\n        condition", "there is no otel to depend on")]
    [InlineData("condition: service_started", "condition: service_healthy", "collector never tells that it is healthy")]
    [InlineData("read_only: true", "read_only: false", "may write to its image")]
    [InlineData("interval: 30s", "interval: 5s", "kafka: its health check starts a JVM more often")]
    [InlineData("start_period: 60s", "retries: 12", "kafka: its health check starts a JVM more often")]
    public void A_mistake_in_the_compose_file_is_found(string part, string mistake, string problem)
    {
        Planted.AssertFound(problem, ComposeRules.Problems(Yaml.Parse(Planted.In(_text, part, mistake)), Repository.Root));
    }

    [Theory]
    [InlineData("KAFKA_BROKERS", true)]
    [InlineData("AzureFunctionsJobHost__functions__3", true)]
    [InlineData("AzureWebJobs.PersistEvents.Disabled", true)]
    [InlineData("OTEL_BSP_SCHEDULE_DELAY", true)]
    [InlineData("KAFKA_BROKER", false)]
    [InlineData("localhost", false)]
    public void The_settings_that_the_readme_lists_are_the_known_ones(string variable, bool known) => Assert.Equal(known, KnownSettings.Contains(variable));

    /// <summary>What the persister and the publisher use is what the other container creates, and waits for.</summary>
    [Fact]
    public void The_service_waits_for_its_topic_of_twelve_partitions()
    {
        var command = _compose.At("services", "topic", "command").Items();
        Assert.Contains("--topic=" + _compose.At("services", "simple-time", "environment", "KAFKA_TOPIC_EVENTS"), command);
        Assert.Contains("--partitions=12", command);
        Assert.Equal("service_completed_successfully", _compose.At("services", "simple-time", "depends_on", "topic", "condition"));
        Assert.Equal(_compose.At("services", "kafka", "image"), _compose.At("services", "topic", "image"));
    }

    /// <summary>Its volume is the folder that the image has for it, under which it keeps all that must outlive it.</summary>
    [Fact]
    public void The_database_and_the_spool_are_on_the_service_s_own_volume()
    {
        var folders = Dockerfile.Parse(Repository.Read("Dockerfile")).Final.All("COPY").Where(copy => copy.Flag("chown") is not null).Select(copy => copy.Words[1]);
        var mount = ((string)Assert.Single(_compose.At("services", "simple-time", "volumes").Items())).Split(':')[1];

        Assert.Contains(mount, folders);
        Assert.StartsWith(mount + "/", (string)_compose.At("services", "simple-time", "environment", "DB_PATH"), StringComparison.Ordinal);
        Assert.StartsWith(mount + "/", (string)_compose.At("services", "simple-time", "environment", "EVENT_SPOOL_PATH"), StringComparison.Ordinal);
    }

    [PromtoolFact]
    public async Task Promtool_accepts_the_configuration_of_Prometheus_and_finds_a_mistake()
    {
        using var folder = new TempFolder();
        Lay(folder, "prometheus");
        var file = folder.Combine("etc/prometheus/prometheus.yml");
        var (exitCode, output) = await Promtool.RunAsync("", "check", "config", file);
        Assert.True(exitCode == 0, output);
        Assert.Contains("rule", output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("static_configs", "static_config", StringComparison.Ordinal));
        (exitCode, output) = await Promtool.RunAsync("", "check", "config", file);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("static_config", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Prometheus_scrapes_the_service()
    {
        var target = Assert.Single(Yaml.Parse(Repository.Read("compose/prometheus.yml")).At("scrape_configs").Items()).At("static_configs").Items();
        Assert.Equal("simple-time:8080", Assert.Single(Assert.Single(target).At("targets").Items()));
    }

    [Fact]
    public void Grafana_finds_its_source_and_its_dashboard()
    {
        using var folder = new TempFolder();
        Lay(folder, "grafana");

        Assert.Empty(GrafanaRules.Problems(_compose.At("services", "grafana"), folder));
    }

    [Theory]
    [InlineData("provisioning/datasources/datasources.yaml", "http://prometheus:9090", "http://localhost:9090", "is not Prometheus")]
    [InlineData("provisioning/datasources/datasources.yaml", "isDefault: true", "isDefault: false", "is not Prometheus")]
    [InlineData("provisioning/datasources/datasources.yaml", "datasources:", "sources:", "is not Prometheus")]
    [InlineData("provisioning/datasources/datasources.yaml", "type: prometheus", "type: loki", "a source of the type prometheus")]
    [InlineData("provisioning/dashboards/dashboards.yaml", "type: file", "type: folder", "Nothing provides dashboards")]
    [InlineData("provisioning/dashboards/dashboards.yaml", "/etc/grafana/dashboards", "/var/lib/grafana/dashboards", "no dashboard in /var/lib/grafana/dashboards")]
    [InlineData("dashboards/dashboard.json", "\"uid\": \"${", "\"uid\": \"${no_", "which is not there")]
    [InlineData("dashboards/dashboard.json", "\"datasource\": {", "\"source\": {", "asks nobody")]
    public void A_mistake_in_what_Grafana_finds_is_found(string file, string part, string mistake, string problem)
    {
        using var folder = new TempFolder();
        Lay(folder, "grafana");
        var path = folder.Combine("etc/grafana/" + file);
        File.WriteAllText(path, Planted.In(File.ReadAllText(path), part, mistake));

        Planted.AssertFound(problem, GrafanaRules.Problems(_compose.At("services", "grafana"), folder));
    }

    [Fact]
    public void A_dashboard_to_begin_with_that_is_elsewhere_is_found()
    {
        using var folder = new TempFolder();
        Lay(folder, "grafana");
        var grafana = Yaml.Parse(_text.Replace("HOME_DASHBOARD_PATH: /etc", "HOME_DASHBOARD_PATH: /srv", StringComparison.Ordinal)).At("services", "grafana");

        Assert.Equal(["The dashboard to begin with is not there."], GrafanaRules.Problems(grafana, folder));
    }

    [Fact]
    public void The_collector_takes_what_the_service_sends() => Assert.Empty(CollectorRules.Problems(Yaml.Parse(_collector), _endpoint));

    [Theory]
    [InlineData("    logs:\n", "    log:\n", "Nothing takes logs")]
    [InlineData("exporters: [debug]", "exporters: [logging]", "logging is not among the exporters")]
    [InlineData("  batch:\n", "  batches:\n", "batch is not among the processors")]
    [InlineData("receivers: [otlp]", "receivers: []", "it has no receivers")]
    [InlineData("[memory_limiter, batch]", "[batch, memory_limiter]", "its memory has no limit")]
    [InlineData("0.0.0.0:4317", "0.0.0.0:55680", "Nobody listens at http://collector:4317")]
    [InlineData("0.0.0.0:4317", "localhost:4317", "Nobody listens at http://collector:4317")]
    public void A_mistake_in_the_collector_s_file_is_found(string part, string mistake, string problem)
    {
        Planted.AssertFound(problem, CollectorRules.Problems(Yaml.Parse(Planted.In(_collector, part, mistake)), _endpoint));
    }

    // A container's files as its mounts put them.
    private static void Lay(TempFolder folder, string service)
    {
        foreach (var mount in _compose.At("services", service, "volumes").Items().Select(mount => ((string)mount).Split(':')).Where(mount => mount[0].StartsWith('.')))
        {
            var path = folder.Path + mount[1];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(Repository.PathOf(mount[0]), path);
        }
    }
}
