using SimpleTime.Functions.Persistence;
using Xunit;

namespace SimpleTime.Functions.Tests.Persistence;

public sealed class ReplayIdentityTests
{
    [Fact]
    public void It_is_a_UUID_of_version_8_and_always_the_same()
    {
        var id = ReplayIdentity.Of("simple-time-events/3/42@1772366400123");

        // Changing this gives letters that were replayed before a second row.
        Assert.Equal("50f8a308-8828-8582-8034-42a561149989", id);
        Assert.Equal(8, Guid.Parse(id).Version);
        Assert.Contains(id[19], "89ab");
        Assert.NotEqual(id, ReplayIdentity.Of("simple-time-events/3/43@1772366400123"));
    }

    [Fact]
    public void The_letter_of_a_replay_keeps_its_id() =>
        Assert.Equal("0f4b2c1e-7d7a-8f0e-9a11-223344556677", ReplayIdentity.Of("0F4B2C1E-7d7a-8f0e-9a11-223344556677"));
}
