using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Native;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Clients;

public sealed class LibrdkafkaLibraryTests
{
    [Fact]
    public void The_shipped_library_is_loaded_and_is_of_the_version_that_the_client_is_made_for()
    {
        LibrdkafkaLibrary.EnsureLoaded();

        Assert.Null(LibrdkafkaLibrary.Problem);
        Assert.True(Library.IsLoaded);
        var path = LibrdkafkaLibrary.FindMappedPath(File.ReadLines("/proc/self/maps"));
        Assert.Contains(path, LibrdkafkaLibrary.Candidates([Path.GetDirectoryName(path)!]));
        Assert.StartsWith(AppContext.BaseDirectory, path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x020002ff, "2.0.2")]
    [InlineData(0x021001ff, "2.16.1")]
    [InlineData(0x031000ff, "3.16.0")]
    public void Another_version_is_told_with_the_one_that_is_needed(int version, string text)
    {
        var problem = LibrdkafkaLibrary.ProblemOf(version, text);

        Assert.Contains(text, problem, StringComparison.Ordinal);
        Assert.Contains("2.16.0", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7f11-7f12 r--p 00000000 08:01 42       /app/centos8-librdkafka.so", "/app/centos8-librdkafka.so")]
    [InlineData("7f11-7f12 r-xp 00000000 08:01 42       /usr/lib/librdkafka.so.1", "/usr/lib/librdkafka.so.1")]
    [InlineData("7f11-7f12 r-xp 00000000 08:01 42       /a folder/alpine-librdkafka.so", "/a folder/alpine-librdkafka.so")]
    [InlineData("7f11-7f12 r-xp 00000000 08:01 42       /src/librdkafka/libc.so.6", null)]
    [InlineData("7ffd-7ffe r-xp 00000000 00:00 0        [vdso]", null)]
    [InlineData("7f11-7f12 rw-p 00000000 00:00 0 ", null)]
    public void The_path_is_found_among_the_mapped_files(string line, string? path) =>
        Assert.Equal(path, LibrdkafkaLibrary.FindMappedPath(["7f10-7f11 r-xp 00000000 08:01 41       /usr/lib/libm.so.6", line]));
}
