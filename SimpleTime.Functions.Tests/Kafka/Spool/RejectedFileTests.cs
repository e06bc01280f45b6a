using System.Text;
using System.Text.Json;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Diagnostics;
using SimpleTime.Functions.Worker.Kafka.Spool;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Spool;

/// <summary>The file of messages that Kafka refuses for good.</summary>
public sealed class RejectedFileTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ThrottledLog _throttled = new(TimeProvider.System);
    private readonly LogLines<RejectedFile> _log = new();

    private string Path => _folder.Combine(RejectedFile.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_message_is_kept_as_a_line_of_json()
    {
        var file = New();
        file.Add("a topic", "Message size\ntoo large", Encoding.UTF8.GetBytes("the value"));
        file.Add("a topic", "again", new byte[100_000]);

        var lines = File.ReadAllLines(Path).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(2, lines.Count);
        Assert.True(lines[0].GetProperty("time").TryGetDateTimeOffset(out var time));
        Assert.InRange(time, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
        Assert.Equal("a topic", lines[0].GetProperty("topic").GetString());
        Assert.Equal("Message size too large", lines[0].GetProperty("reason").GetString());
        Assert.Equal(9, lines[0].GetProperty("size").GetInt32());
        Assert.Equal("the value", Encoding.UTF8.GetString(lines[0].GetProperty("value").GetBytesFromBase64()));
        Assert.Equal(100_000, lines[1].GetProperty("size").GetInt32());
        Assert.Equal(65_536, lines[1].GetProperty("value").GetBytesFromBase64().Length);
        Assert.Equal(2, file.Count);
        Assert.Contains(Path, Assert.Single(_log.Of(111)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_file_is_told_once_and_further_messages_are_only_counted()
    {
        var file = New(maxBytes: 5000);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                file.Add("topic", "reason", new byte[100]);
            }
        })));

        Assert.InRange(new FileInfo(Path).Length, 4500, 5000);
        Assert.All(await File.ReadAllLinesAsync(Path), line => JsonDocument.Parse(line));
        Assert.Equal(200, file.Count);
        Assert.Single(_log.Of(112));
    }

    [Fact]
    public async Task A_torn_line_does_not_spoil_the_next()
    {
        await File.WriteAllTextAsync(Path, "{\"time\":\"20");
        New().Add("topic", "reason", [1]);
        var lines = await File.ReadAllLinesAsync(Path);
        Assert.Equal(2, lines.Length);
        Assert.Equal("topic", JsonDocument.Parse(lines[1]).RootElement.GetProperty("topic").GetString());
    }

    [Fact]
    public void Without_a_folder_messages_are_counted_and_that_is_told_once()
    {
        var file = new RejectedFile(() => null, TimeProvider.System, _throttled, _log);
        file.Add("topic", "reason", [1]);
        file.Add("topic", "reason", [1]);
        Assert.Equal(2, file.Count);
        Assert.Single(_log.Of(113));
    }

    private RejectedFile New(long maxBytes = 16 * 1024 * 1024) =>
        new(() => _folder.Path, TimeProvider.System, _throttled, _log) { MaxBytes = maxBytes };
}
