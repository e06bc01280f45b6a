using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Packaging;

/// <summary><c>.ci/image-size</c>, which holds the image to 45 MB, or to what it is told.</summary>
public sealed class ImageSizeTests
{
    [Theory]
    [InlineData(30_800_000, null, 0, "    45000000 of at most 45000000 bytes")]
    [InlineData(30_800_001, null, 1, "the image is too large")]
    [InlineData(30_800_001, "49500000", 0, "    45000001 of at most 49500000 bytes")]
    [InlineData(35_300_001, "49500000", 1, "the image is too large")]
    public async Task An_image_over_the_limit_is_refused(long bytes, string? limit, int expected, string line)
    {
        using var folder = new TempFolder();
        await using (var file = File.Create(folder.Combine("program")))
        {
            file.SetLength(bytes);
        }

        using var process = Forks.Start(new ProcessStartInfo("bash", [Repository.PathOf(".ci/image-size"), folder.Path, .. limit is null ? (string[])[] : [limit]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        var output = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.True(process.ExitCode == expected, output);
        Assert.Contains(line, output.Split('\n'));
    }
}
