using SimpleTime.Functions.Tests.Kafka.Outbox.Files;
using SimpleTime.Functions.Tests.Support;

namespace SimpleTime.Functions.Tests.Kafka.Outbox;

/// <summary>The same with folders for files.</summary>
public abstract class OutboxFilesTest : OutboxTest
{
    private readonly TempFolder _folder = new();

    private protected OutboxFilesTest(OutboxRig rig)
        : base(rig)
    {
        Folders = new FoldersUnderTest(_folder.Combine("outbox"));
        Folders.Folders.Open();
    }

    private protected FoldersUnderTest Folders { get; }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Folders.Dispose();
        _folder.Dispose();
    }
}
