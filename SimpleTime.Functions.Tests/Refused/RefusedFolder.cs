using System.Text;
using Confluent.Kafka;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions.Refused;
using SimpleTime.Functions.Tests.Kafka.Outbox.Files;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Outbox.Files;
using SimpleTime.Functions.Worker.Kafka.Outbox.Refused;

namespace SimpleTime.Functions.Tests.Refused;

/// <summary>A spool with refused messages that the outbox's own files have, and the app's way to them.</summary>
internal sealed class RefusedFolder : IDisposable
{
    public const string Brokers = "KAFKA_BROKERS";
    public const string Topic = "events";
    public const string Reason = "Broker: Message size too large";

    private readonly TempFolder _folder = new();
    private readonly FoldersUnderTest _service;
    private readonly IHost _host;

    public RefusedFolder()
    {
        _service = new FoldersUnderTest(Spool);
        var builder = FunctionsApplication.CreateBuilder([]);
        builder.Configuration["EVENT_SPOOL_PATH"] = Spool;
        builder.ConfigureFunctionsWebApplication();
        builder.AddHostServices();
        builder.Services.AddSingleton<IOutboxDisk>(Disk);
        _host = builder.Build();
        Messages = _host.Services.GetRequiredService<IRefusedMessages>();
    }

    public static DateTimeOffset AcceptedAt { get; } = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);

    /// <summary>The disk of the command.</summary>
    public FaultyDisk Disk { get; } = new();

    public IRefusedMessages Messages { get; }

    public string Spool => _folder.Combine("spool");

    /// <summary>The names of the files in the folder, in their order.</summary>
    public IReadOnlyList<string> Files => Directory.Exists(Path.Combine(Spool, "refused"))
        ? [.. Directory.GetFiles(Path.Combine(Spool, "refused")).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The values of the messages that are still there, in the order of their files.</summary>
    public IReadOnlyList<string> Values() => [.. Files.Where(path => path.EndsWith(".refused", StringComparison.Ordinal)).SelectMany(Values)];

    public static OutboxRecord Record(string value, string topic = Topic, string brokers = Brokers) => RefusedRecord.Of(
        new OutboxRecord(AcceptedAt, brokers, topic, new Headers { { "traceparent", "00-trace"u8.ToArray() }, { "empty", null } }, Encoding.UTF8.GetBytes(value)),
        Reason);

    /// <summary>Writes a file as the service does, and lets go of it.</summary>
    /// <returns>Its path.</returns>
    public string Write(params string[] values) => Write([.. values.Select(value => Record(value))]);

    /// <inheritdoc cref="Write(string[])"/>
    public string Write(params OutboxRecord[] records)
    {
        var file = WriteOpen(records);
        LetGo(file);
        return file.Path;
    }

    /// <summary>Writes a file to which the service can still append.</summary>
    public OutboxFile WriteOpen(params OutboxRecord[] records)
    {
        var file = _service.Folders.Create(OutboxFileKind.Refused);
        file.Append(records);
        return file;
    }

    /// <summary>Has the service let go of a file.</summary>
    public void LetGo(OutboxFile file)
    {
        file.Close();
        _service.Folders.Check();
    }

    public void Dispose()
    {
        _host.Dispose();
        _service.Dispose();
        _folder.Dispose();
    }

    private static string[] Values(string path)
    {
        var file = FoldersUnderTest.OfDeadProcess(path);
        var records = new OutboxFileReader(file).Read(int.MaxValue, int.MaxValue);
        file.Release();
        return [.. records.Select(record => Encoding.UTF8.GetString(record.Value.Span))];
    }
}
