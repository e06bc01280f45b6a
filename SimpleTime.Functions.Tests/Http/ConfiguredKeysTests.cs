using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SimpleTime.Functions.Tests.Hosting;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Http;
using SimpleTime.Functions.Worker.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Http;

/// <summary>Function keys in files, as those of a Secret that Kubernetes mounts.</summary>
public sealed class ConfiguredKeysTests : IDisposable
{
    private const string NoKey = "There is no function key, in FUNCTIONS_KEYS or FUNCTIONS_KEYS_PATH: Admin, Keyed answers everybody with 401.";

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);

    private readonly TempFolder _folder = new();
    private readonly LogLines _logs = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ServiceProvider _services;

    public ConfiguredKeysTests() => _services = new ServiceCollection().AddMetrics().AddLogging(logging => logging.AddProvider(_logs)).BuildServiceProvider();

    private string Secret => _folder.Combine("keys");

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_file_is_a_key_beside_those_of_the_setting()
    {
        Mount(("ours", "first\n"), ("partner", " secönd, \r\n"));
        await using var worker = await StartAsync(("FUNCTIONS_KEYS", "third"), ("FUNCTIONS_KEYS_PATH", Secret));

        foreach (var key in (string[])["first", "sec%C3%B6nd,", "third"])
        {
            Assert.Equal(HttpStatusCode.OK, await CallAsync(worker, key));
        }

        foreach (var name in (string[])["", "ours", "..data", "secret%20of%20the%20mount"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(worker, name));
        }

        Assert.DoesNotContain(worker.Logs.All, line => line.Text.Contains("function key", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/nonexistent/keys", 1)]
    [InlineData(null, 0)]
    public async Task Without_keys_keyed_functions_refuse_and_one_line_says_so(string? path, int problems)
    {
        await using var worker = await StartAsync(("FUNCTIONS_KEYS_PATH", path));

        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(worker, "any"));
        Assert.Equal("Open", await worker.Client.GetStringAsync(new Uri("/Open", UriKind.Relative)));
        var line = Assert.Single(worker.Logs.All, line => line.Text.StartsWith("There is no function key", StringComparison.Ordinal));
        Assert.Equal((NoKey, LogLevel.Warning), (line.Text, line.Level));
        Assert.Equal(problems, worker.Logs.Count("The folder of the setting FUNCTIONS_KEYS_PATH, /nonexistent/keys, is not there: it has no keys."));
    }

    [Fact]
    public async Task Nothing_is_said_of_keys_to_a_developer_or_where_no_function_needs_one()
    {
        await using var developer = await TestWorker.StartAsync(Functions(), environment: Environments.Development);
        await using var open = await TestWorker.StartAsync(TestFunctions.Http("Open"));

        Assert.Equal(0, developer.Logs.Count("function key") + open.Logs.Count("function key"));
    }

    [Fact]
    public async Task A_changed_Secret_is_taken_within_10_seconds()
    {
        Mount(("old", "first"));
        using var keys = Keys();
        Assert.True(Has(keys, "first"));

        Mount(("old", "first"), ("new", "second"));
        await BecomesTrueAsync(() => Has(keys, "second"));
        Assert.True(Has(keys, "first"));

        Mount(("new", "second"));
        await BecomesTrueAsync(() => !Has(keys, "first"));
        Assert.True(Has(keys, "second"));

        Mount();
        await BecomesTrueAsync(() => keys.Hashes.Count == 0);
        Assert.Equal(["2", "1", "0"], _logs.All.Select(line => line.Text.Split("there are ")[1].Split(' ')[0]));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_read_keeps_its_last_keys()
    {
        Mount(("key", "first"));
        using var keys = Keys();

        // Too many files, which root is refused too.
        for (var i = 0; i < 257; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(Secret, $"more-{i}"), $"more-{i}");
        }

        await BecomesTrueAsync(() => _logs.Count("has more than 256 files, and the last keys of it stay.") == 1);
        Assert.True(Has(keys, "first"));
        Assert.Single(keys.Hashes);
    }

    [Theory]
    [InlineData("", "is empty. It is no key.")]
    [InlineData(" \n", "is blank. It is no key.")]
    [InlineData("a\0b", "is not text. It is no key.")]
    [InlineData("long", "has more than 4096 bytes. It is no key.")]
    public async Task A_file_without_a_key_is_one_line_and_the_others_hold(string content, string problem)
    {
        content = content == "long" ? new string('x', 5000) : content;
        Mount(("good", "first"), ("wrong", content));
        using var keys = Keys();
        Mount(("good", "first"), ("wrong", content), ("another", "second"));

        await BecomesTrueAsync(() => Has(keys, "second"));
        Assert.True(Has(keys, "first"));
        Assert.Equal(2, keys.Hashes.Count);
        Assert.Equal($"The file of the setting FUNCTIONS_KEYS_PATH, {Path.Combine(Secret, "wrong")}, {problem}",
            Assert.Single(_logs.All, line => line.Level == LogLevel.Warning).Text);
    }

    private static bool Has(ConfiguredKeys keys, string key) => keys.Hashes.Any(hash => hash.SequenceEqual(ConfiguredKeys.Hash(key)));

    private static HttpTriggerAttribute Needs(AuthorizationLevel level) => new(level, "get");

    private static FunctionDescriptor[] Functions() =>
    [
        TestFunctions.Http("Keyed", Needs(AuthorizationLevel.Function), _ => Results.Text("Keyed")),
        TestFunctions.Http("Admin", Needs(AuthorizationLevel.Admin), _ => Results.Text("Admin")),
        TestFunctions.Http("Open"),
    ];

    private static Task<TestWorker> StartAsync(params (string Name, string? Value)[] settings) =>
        TestWorker.StartAsync(Functions(), settings.ToDictionary(setting => setting.Name, setting => setting.Value));

    private static async Task<HttpStatusCode> CallAsync(TestWorker worker, string code)
    {
        using var response = await worker.Client.GetAsync(new Uri($"/Keyed?code={code}", UriKind.Relative));
        return response.StatusCode;
    }

    private ConfiguredKeys Keys()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("FUNCTIONS_KEYS_PATH", Secret)]).Build();
        return new ConfiguredKeys(
            HostSettings.Read(new SettingReader(configuration, new StartupNotices())),
            new BackgroundLoops(_time, _services.GetRequiredService<IMeterFactory>(), _services.GetRequiredService<ILogger<BackgroundLoops>>()),
            _services.GetRequiredService<ILogger<ConfiguredKeys>>());
    }

    private Task BecomesTrueAsync(Func<bool> condition) => Eventually.BecomesTrueAsync(() =>
    {
        _time.Advance(_interval);
        return condition();
    });

    /// <summary>Gives the folder its files, each at once, beside what Kubernetes keeps there.</summary>
    private void Mount(params (string Name, string Content)[] files)
    {
        Directory.CreateDirectory(Path.Combine(Secret, "..data"));
        File.WriteAllText(Path.Combine(Secret, "..hidden"), "secret of the mount");
        foreach (var (name, content) in files)
        {
            File.WriteAllText(_folder.Combine(name), content);
            File.Move(_folder.Combine(name), Path.Combine(Secret, name), overwrite: true);
        }

        foreach (var other in Directory.GetFiles(Secret).Where(other => !files.Any(file => file.Name == Path.GetFileName(other)) && !other.Contains("..", StringComparison.Ordinal)))
        {
            File.Delete(other);
        }
    }
}
