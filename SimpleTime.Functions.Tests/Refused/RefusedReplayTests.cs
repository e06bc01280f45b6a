using System.Globalization;
using SimpleTime.Functions.Refused;
using SimpleTime.Functions.Replay;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using Xunit;

namespace SimpleTime.Functions.Tests.Refused;

/// <summary>What becomes of the messages and of their files.</summary>
public sealed class RefusedReplayTests : IDisposable
{
    private static readonly ReplayOptions _all = new(null, null);
    private static readonly ReplayOptions _list = new(null, null, IsList: true);

    private readonly RefusedFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private readonly CancellationTokenSource _stopping = new();

    public void Dispose()
    {
        _stopping.Dispose();
        _output.Dispose();
        _errors.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task All_are_sent_as_they_were_and_their_files_deleted()
    {
        _folder.Write("a", "b");
        _folder.Write(RefusedFolder.Record("c", topic: "others"));
        var kafka = new RecordedPublisher();

        Assert.Equal(0, await RunAsync(_all, kafka));

        Assert.Equal([("events", "a"), ("events", "b"), ("others", "c")], kafka.Records.Select(record => (record.Topic, record.Value)));
        Assert.All(kafka.Records, record => Assert.Null(record.Key));
        Assert.All(kafka.Records, record => Assert.Equal(
            [("traceparent", "00-trace"u8.ToArray()), ("empty", null)], record.Headers.Select(header => (header.Key, header.Value))));
        Assert.Empty(_folder.Files);
        Assert.Equal("", _errors.ToString());
        Assert.Equal(4, Lines.Length);
        Assert.Equal($"{Id(Lines[0])}: for events, accepted at 2026-03-01T12:00:00.123000Z, refused because: {RefusedFolder.Reason}; 1 bytes: a", Lines[0]);
        Assert.Equal("Kafka acknowledged 3 of 3 refused messages.", Lines[3]);
    }

    [Fact]
    public async Task Another_topic_can_be_named()
    {
        _folder.Write("a");
        var kafka = new RecordedPublisher();

        Assert.Equal(0, await RunAsync(new ReplayOptions(null, "other"), kafka));

        Assert.Equal("other", Assert.Single(kafka.Records).Topic);
        Assert.StartsWith("To other, ", Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_names_ids_that_stay_and_changes_nothing()
    {
        _folder.Write("a", "b", "c");
        Assert.Equal(0, await RunAsync(_list));
        Assert.Equal("There are 3 refused messages.", Lines[^1]);
        var ids = Lines[..3].Select(Id).ToArray();
        Assert.Equal(3, ids.Distinct().Count());
        var kafka = new RecordedPublisher();

        Assert.Equal(0, await RunAsync(new ReplayOptions([ids[1]], null), kafka));
        Assert.Equal("b", Assert.Single(kafka.Records).Value);
        Assert.Equal("Kafka acknowledged 1 of 1 refused messages.", Lines[^1]);
        Assert.Equal(["a", "c"], _folder.Values());

        Assert.Equal(0, await RunAsync(_list));
        Assert.Equal([ids[0], ids[2]], Lines[..2].Select(Id));

        Assert.Equal(2, await RunAsync(new ReplayOptions([.. ids.Order()], null), kafka));
        Assert.Contains($"There is no refused message with the id {ids[1]}. Nothing was sent.", _errors.ToString(), StringComparison.Ordinal);
        Assert.Single(kafka.Records);
        Assert.Equal(["a", "c"], _folder.Values());
    }

    [Fact]
    public async Task With_none_there_is_nothing_to_do_and_without_a_folder_the_path_is_wrong()
    {
        Assert.Equal(2, await RunAsync(_all));
        Assert.Equal($"EVENT_SPOOL_PATH {_folder.Spool}: there is no such folder.\n", _errors.ToString());

        Directory.CreateDirectory(_folder.Spool);
        Assert.Equal(0, await RunAsync(_all));
        Assert.Equal(["There are no refused messages to replay."], Lines);
    }

    [Fact]
    public async Task What_is_stopped_in_the_middle_removes_what_was_acknowledged_and_keeps_the_rest()
    {
        var values = Enumerable.Range(1, 400).Select(i => i.ToString("D3", CultureInfo.InvariantCulture)).ToArray();
        var path = _folder.Write(values[..300]);
        _folder.Write(values[300..]);
        var kafka = new RecordedPublisher(async (sent, _) =>
        {
            if (sent == 200)
            {
                await _stopping.CancelAsync();
            }

            if (sent >= 200)
            {
                await Task.Delay(Timeout.Infinite, _stopping.Token);
            }
        });

        Assert.Equal(1, await RunAsync(_all, kafka));

        Assert.Equal("Kafka acknowledged 199 of 400 refused messages.", Lines[^1]);
        Assert.Contains(": not acknowledged when the command was stopped; it may have been sent.", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(values[199..], _folder.Values().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(path, _folder.Files);
    }

    [Fact]
    public async Task One_that_Kafka_does_not_answer_stops_and_keeps_all()
    {
        _folder.Write([.. Enumerable.Range(0, 300).Select(i => $"{i}")]);
        var before = _folder.Files;
        var kafka = new RecordedPublisher((_, _) => throw new TimeoutException("Kafka is away."));

        Assert.Equal(1, await RunAsync(_all, kafka));

        Assert.Equal(128, kafka.Records.Count);
        Assert.Equal("Kafka acknowledged 0 of 300 refused messages.", Lines[^1]);
        Assert.Equal(before, _folder.Files);
    }

    [Fact]
    public async Task What_is_refused_again_holds_up_nothing_behind_it()
    {
        _folder.Write([.. Enumerable.Repeat("large", 200), "small"]);
        _folder.Write("small");
        var kafka = new RecordedPublisher((_, value) =>
            value == "large" ? Task.FromException(new IOException("Message size too large")) : Task.CompletedTask);

        Assert.Equal(1, await RunAsync(_all, kafka));

        Assert.Equal("Kafka acknowledged 2 of 202 refused messages.", Lines[^1]);
        Assert.Equal(Enumerable.Repeat("large", 200), _folder.Values());
    }

    [Fact]
    public async Task A_file_that_the_service_writes_to_is_left_until_it_lets_go()
    {
        var open = _folder.WriteOpen(RefusedFolder.Record("a"));
        _folder.Write("b");
        var kafka = new RecordedPublisher();

        Assert.Equal(1, await RunAsync(_all, kafka));

        Assert.Equal("b", Assert.Single(kafka.Records).Value);
        Assert.Single(_errors.ToString().TrimEnd().Split('\n'));
        Assert.StartsWith($"{open.Path} is left, as a service that runs writes to it", _errors.ToString(), StringComparison.Ordinal);
        open.Append([RefusedFolder.Record("c")]);
        _folder.LetGo(open);

        Assert.Equal(0, await RunAsync(_all, kafka));
        Assert.Equal(["b", "a", "c"], kafka.Records.Select(record => record.Value));
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task Of_a_damaged_file_what_can_be_read_is_sent_and_the_file_kept()
    {
        var path = _folder.Write([.. Enumerable.Range(0, 200).Select(i => $"{i}")]);
        Zero(path, 4096, 4096);
        var kafka = new RecordedPublisher((_, value) => value == "199" ? throw new IOException("No.") : Task.CompletedTask);

        Assert.Equal(1, await RunAsync(_list));
        var lost = 200 - (Lines.Length - 1);
        Assert.InRange(lost, 1, 60);
        Assert.Equal($"{path} is damaged: {lost} messages of it are missing.\n", _errors.ToString());
        Assert.Equal([path], _folder.Files);

        Assert.Equal(1, await RunAsync(_all, kafka));
        Assert.Contains($"{path} is damaged: {lost} messages of it are missing. It is kept as *.damaged.\n", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal($"Kafka acknowledged {199 - lost} of {200 - lost} refused messages.", Lines[^1]);
        Assert.Contains(path + ".damaged", _folder.Files);
        Assert.Equal(["199"], _folder.Values());

        Assert.Equal(0, await RunAsync(_all));
        Assert.Equal([path + ".damaged"], _folder.Files);
    }

    [Fact]
    public async Task A_damaged_file_is_put_aside_though_nothing_of_it_was_acknowledged()
    {
        var path = _folder.Write([.. Enumerable.Range(0, 200).Select(i => $"{i}")]);
        Zero(path, 4096, 100);

        Assert.Equal(1, await RunAsync(_all, new RecordedPublisher((_, _) => throw new IOException("No."))));

        Assert.Contains(path + ".damaged", _folder.Files);
        Assert.InRange(_folder.Values().Count, 197, 199);
    }

    [Fact]
    public async Task What_a_crash_left_half_written_is_no_damage()
    {
        var path = _folder.Write("a", "b");
        using (var file = File.OpenWrite(path))
        {
            file.SetLength(file.Length - 1);
        }

        Assert.Equal(0, await RunAsync(_all));

        Assert.Equal("Kafka acknowledged 1 of 1 refused messages.", Lines[^1]);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task An_empty_file_is_deleted()
    {
        var path = _folder.Write("a");
        File.WriteAllBytes(path, []);

        Assert.Equal(0, await RunAsync(_all));

        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task A_file_of_another_version_is_told_and_left_alone()
    {
        var path = _folder.Write("a");
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[RecordFormat.FileHeader.Length - 1]++;
        await File.WriteAllBytesAsync(path, bytes);
        _folder.Write("b");

        Assert.Equal(1, await RunAsync(_all));

        Assert.Equal($"{path} is of another version, and left.\n", _errors.ToString());
        Assert.Equal("Kafka acknowledged 1 of 1 refused messages.", Lines[^1]);
        Assert.Equal([path], _folder.Files);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path));
    }

    [Theory]
    [InlineData(nameof(IOutboxDisk.Create))]
    [InlineData(nameof(IOutboxDisk.Write))]
    [InlineData(nameof(IOutboxDisk.Sync))]
    [InlineData(nameof(IOutboxDisk.Delete))]
    public async Task A_disk_that_fails_keeps_all(string member)
    {
        var path = _folder.Write("a", "b");
        var kafka = new RecordedPublisher((_, value) => value == "b" ? throw new IOException("No.") : Task.CompletedTask);
        _folder.Disk.Fails = failing => failing == member;

        Assert.Equal(1, await RunAsync(_all, kafka));

        Assert.Contains($"{path} cannot be changed, so that what was acknowledged is sent again the next time", _errors.ToString(), StringComparison.Ordinal);
        Assert.Contains(path, _folder.Files);
        _folder.Disk.Fails = null;
        Assert.Equal(0, await RunAsync(_all));
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_told_and_left()
    {
        var path = _folder.Write("a");
        _folder.Disk.Fails = member => member == nameof(IOutboxDisk.Read);

        Assert.Equal(1, await RunAsync(_all));

        Assert.Equal($"{path} cannot be read, and is left: Input/output error\n", _errors.ToString());
        Assert.Equal(["a"], _folder.Values());
    }

    [Fact]
    public async Task Messages_for_other_brokers_or_an_impossible_topic_are_not_sent()
    {
        _folder.Write(RefusedFolder.Record("a", brokers: "OTHER\nBROKERS"), RefusedFolder.Record("b", topic: "a/b"), RefusedFolder.Record("c"));
        var kafka = new RecordedPublisher();

        Assert.Equal(1, await RunAsync(_all, kafka));

        Assert.Equal("c", Assert.Single(kafka.Records).Value);
        Assert.Contains(": not sent. It is for the brokers of OTHER BROKERS, and only those of KAFKA_BROKERS are sent to.\n", _errors.ToString(), StringComparison.Ordinal);
        Assert.Contains(": not sent. \"a/b\" cannot be the name of a topic.\n", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(["a", "b"], _folder.Values());
    }

    [Fact]
    public async Task What_a_file_holds_is_shown_bounded_and_without_control_characters()
    {
        _folder.Write(RefusedFolder.Record("\u001b[31m" + new string('x', 100_000), topic: "t\n" + new string('t', 2_000)));

        Assert.Equal(0, await RunAsync(_list));

        Assert.Equal(2, Lines.Length);
        Assert.InRange(Lines[0].Length, 300, 800);
        Assert.DoesNotContain(Lines[0], char.IsControl);
        Assert.Contains("; 100005 bytes:  [31mxxx", Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_another_command_has_is_left_and_one_that_it_deleted_passed_over()
    {
        var path = _folder.Write("a");
        using (_folder.Messages.TryOpen(path))
        {
            Assert.Equal(1, await RunAsync(_all));
            Assert.Contains("or another command has it", _errors.ToString(), StringComparison.Ordinal);
        }

        _folder.Disk.OnLocked = File.Delete;
        Assert.Equal(0, await RunAsync(_all));
        Assert.Equal(["There are no refused messages to replay."], Lines);
    }

    private string[] Lines => _output.ToString().TrimEnd().Split('\n');

    private static long Id(string line) => long.Parse(line.Split(':')[0], CultureInfo.InvariantCulture);

    private static void Zero(string path, int offset, int count)
    {
        using var file = File.OpenWrite(path);
        file.Position = offset;
        file.Write(new byte[count]);
    }

    private async Task<int> RunAsync(ReplayOptions options, RecordedPublisher? kafka = null)
    {
        _output.GetStringBuilder().Clear();
        _errors.GetStringBuilder().Clear();
        return await new RefusedReplay(_folder.Messages, kafka ?? new RecordedPublisher(), _output, _errors).RunAsync(options, _stopping.Token);
    }
}
