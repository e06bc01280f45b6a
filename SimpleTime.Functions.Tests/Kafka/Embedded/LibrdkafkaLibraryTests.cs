using SimpleTime.Functions.Worker.Kafka.Embedded;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Embedded;

public sealed class LibrdkafkaLibraryTests
{
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
