using System.Net;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text.Json;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Tests.WholePath;
using Xunit;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>The Dockerfile's stages, done without an engine on the files that <c>.ci/run</c> publishes.</summary>
[SupportedOSPlatform("linux")]
public sealed class ImageTests
{
    private const int Requests = 5;

    private static readonly Dockerfile _dockerfile = Dockerfile.Parse(Repository.Read("Dockerfile"));

    /// <summary>The image with compose's settings: its user, its read-only root, nothing in it but what it ships.</summary>
    [ImageFact]
    [Trait("Category", "Image")]
    public async Task The_image_answers_stores_and_drains_as_an_unprivileged_user_on_a_read_only_root()
    {
        Assert.Equal(BaseImage.Name, _dockerfile.Final.Base);
        await using var broker = await BrokerProcess.StartAsync(ServiceCalls.Topic, 12);
        using var root = await ImageRoot.CreateAsync(_dockerfile, ImageFactAttribute.Published!);
        var before = root.Files();

        await using var service = root.Start(Settings(root, broker.BootstrapServers));
        using var client = await ListeningAsync(service);
        Assert.Equal("""{"status":"healthy"}""", await client.GetStringAsync(new Uri("/healthz", UriKind.Relative)));
        Assert.Equal("""{"status":"ready"}""", await client.GetStringAsync(new Uri("/readyz", UriKind.Relative)));
        Assert.Contains("simple_time_build_info", await client.GetStringAsync(new Uri("/metrics", UriKind.Relative)), StringComparison.Ordinal);
        await Eventually.EqualsAsync(HttpStatusCode.OK, async () => (await client.GetAsync(new Uri("/kafka/status", UriKind.Relative))).StatusCode, TimeSpan.FromSeconds(30));
        for (var i = 0; i < Requests; i++)
        {
            var answer = JsonElement.Parse(await client.GetByteArrayAsync(new Uri("/", UriKind.Relative)));
            Assert.Equal("UP", answer.GetProperty("kafka_status").GetString());
        }

        await Eventually.EqualsAsync(Requests, () => StoredEvents.AnsweredRequestsAsync(Path.Combine(root.Data, "events.db")), TimeSpan.FromSeconds(60));

        var process = $"/proc/{service.Id}/";
        Assert.Contains($"Uid:\t{root.User}\t{root.User}\t{root.User}\t{root.User}", await File.ReadAllLinesAsync(process + "status"));
        Assert.Contains("CapEff:\t0000000000000000", await File.ReadAllLinesAsync(process + "status"));
        Assert.Contains("Read-only file system", Assert.ThrowsAny<IOException>(() => File.WriteAllText(process + "root/app/new", "")).Message, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", Assert.ThrowsAny<IOException>(() => File.WriteAllText(process + "root/new", "")).Message, StringComparison.Ordinal);

        service.Send(Signals.Terminate);
        Assert.Equal(0, await service.WaitForExitAsync(TimeSpan.FromSeconds(15)));
        Assert.Equal(before, root.Files());
        Assert.DoesNotContain(service.Output, line => line.Contains("HTTP_PORTS", StringComparison.Ordinal));
        Assert.All(service.Output, line => JsonElement.Parse(line));
    }

    /// <summary>The AWS SDK is in an image of its own: that one says so, and answers.</summary>
    [ImageFact]
    [Trait("Category", "Image")]
    public async Task The_default_image_says_that_it_cannot_sign_for_Amazon_MSK()
    {
        using var root = await ImageRoot.CreateAsync(_dockerfile, ImageFactAttribute.Published!);
        var settings = Settings(root, "127.0.0.1:1");
        settings["KAFKA_SECURITY_PROTOCOL"] = "sasl_ssl";
        settings["KAFKA_SASL_MECHANISM"] = "AWS_MSK_IAM";
        settings["AWS_REGION"] = "eu-central-1";

        await using var service = root.Start(settings);
        using var client = await ListeningAsync(service);

        Assert.Equal("NOT UP", JsonElement.Parse(await client.GetByteArrayAsync(new Uri("/", UriKind.Relative))).GetProperty("kafka_status").GetString());
        await service.WaitForOutputAsync(
            lines => lines.FirstOrDefault(line => line.Contains("AWS_MSK_IAM, which is left out of this build", StringComparison.Ordinal)), "what is wrong", TimeSpan.FromSeconds(30));
    }

    [ImageFact]
    [Trait("Category", "Image")]
    public void The_image_ships_one_librdkafka_and_nothing_that_it_does_not_use()
    {
        var files = Directory.EnumerateFileSystemEntries(ImageFactAttribute.Published!).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToArray();

        var librdkafka = Assert.Single(files, file => file.Contains("librdkafka", StringComparison.Ordinal));
        Assert.Equal(["LICENSE", "SimpleTime.Functions", "THIRD-PARTY-NOTICES.txt", librdkafka, "host.json", "libe_sqlite3.so"], files);
        Assert.Equal(Repository.Read("THIRD-PARTY-NOTICES.txt"), File.ReadAllText(Path.Combine(ImageFactAttribute.Published!, "THIRD-PARTY-NOTICES.txt")));
    }

    /// <summary>Another of the package's builds of librdkafka.</summary>
    [Fact]
    public async Task A_library_that_the_base_has_not_is_found()
    {
        using var folder = new TempFolder();
        var architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";
        File.Copy(Path.Combine(AppContext.BaseDirectory, "runtimes", architecture, "native", "alpine-librdkafka.so"), folder.Combine("librdkafka.so"));

        var problem = await Assert.ThrowsAsync<InvalidOperationException>(() => ImageRoot.CreateAsync(_dockerfile, folder.Path));

        Assert.Contains(", which the base", problem.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Settings(ImageRoot root, string brokers)
    {
        var settings = root.Environment;
        foreach (var (name, value) in Yaml.Parse(Repository.Read("compose.yaml")).At("services", "simple-time", "environment").Entries())
        {
            settings[name] = (string)value;
        }

        settings.Remove("OTEL_EXPORTER_OTLP_ENDPOINT");
        settings["KAFKA_BROKERS"] = brokers;

        // The image's own port may be taken on this machine.
        settings["ASPNETCORE_URLS"] = "http://0.0.0.0:0";
        return settings;
    }

    private static async Task<HttpClient> ListeningAsync(ChildProcess service)
    {
        const string Listening = "Now listening on: http://0.0.0.0:";
        var line = await service.WaitForOutputAsync(
            lines => lines.FirstOrDefault(line => line.Contains(Listening, StringComparison.Ordinal)), "its address", TimeSpan.FromSeconds(30));
        var port = new string([.. line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].TakeWhile(char.IsAsciiDigit)]);
        return new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri("http://127.0.0.1:" + port) };
    }
}
