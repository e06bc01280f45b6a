using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

/// <summary>A test of file permissions, which do not hold for root.</summary>
internal sealed class UnprivilegedFactAttribute : FactAttribute
{
    public UnprivilegedFactAttribute()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Skip = "Root may write to read-only files and folders.";
        }
    }
}
