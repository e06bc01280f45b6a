using SimpleTime.Functions.DeadLetters;
using SimpleTime.Functions.Refused;
using SimpleTime.Functions.Replay;
using Xunit;

namespace SimpleTime.Functions.Tests.Replay;

public sealed class ReplayOptionsTests
{
    [Theory]
    [InlineData("--id 3", "3", null)]
    [InlineData("--id 3 1 2", "1,2,3", null)]
    [InlineData("--id 3 --id 1 3", "1,3", null)]
    [InlineData("--topic other --id 3", "3", "other")]
    [InlineData("--id 3 --topic a.b_c-d", "3", "a.b_c-d")]
    [InlineData("--all", null, null)]
    [InlineData("--all --topic other", null, "other")]
    public void Reads_what_makes_sense(string args, string? ids, string? topic)
    {
        var options = ReplayOptions.Parse(DeadLetterCommand.Syntax, args.Split(' '), out var problem);

        Assert.Null(problem);
        Assert.Equal(ids, options!.Ids is null ? null : string.Join(',', options.Ids));
        Assert.Equal(topic, options.Topic);
    }

    [Theory]
    [InlineData("", "Which dead letters are to be replayed?")]
    [InlineData("--topic t", "Which dead letters are to be replayed?")]
    [InlineData("--all --id 1", "--all and --id exclude each other.")]
    [InlineData("--id", "--id needs a value.")]
    [InlineData("--id --all", "--id needs a value.")]
    [InlineData("--all --topic", "--topic needs a value.")]
    [InlineData("--id 0", "\"0\" is not the id of a dead letter, a whole number from 1.")]
    [InlineData("--id -1", "\"-1\" is not the id of a dead letter, a whole number from 1.")]
    [InlineData("--id 1 x", "\"x\" is not the id of a dead letter, a whole number from 1.")]
    [InlineData("--id 99999999999999999999", "\"99999999999999999999\" is not the id of a dead letter, a whole number from 1.")]
    [InlineData("--every", "The option \"--every\" is not known.")]
    [InlineData("--all 1", "The argument \"1\" is not known.")]
    [InlineData("1", "The argument \"1\" is not known.")]
    [InlineData("--all --topic a/b", "\"a/b\" cannot be the name of a topic.")]
    [InlineData("--all --topic ..", "\"..\" cannot be the name of a topic.")]
    [InlineData("--all --topic a b", "The argument \"b\" is not known.")]
    [InlineData("--all --topic a --topic b", "--topic is given twice.")]
    public void Says_what_does_not(string args, string expected)
    {
        Assert.Null(ReplayOptions.Parse(DeadLetterCommand.Syntax, args.Split(' ', StringSplitOptions.RemoveEmptyEntries), out var problem));
        Assert.Equal(expected, problem);
    }

    [Theory]
    [InlineData("--list", null)]
    [InlineData("--all", null)]
    [InlineData("--list --all", "--list excludes the other options.")]
    [InlineData("--id 1 --list", "--list excludes the other options.")]
    [InlineData("--list --topic t", "--list excludes the other options.")]
    [InlineData("", "Which refused messages are to be replayed?")]
    [InlineData("--id 0", "\"0\" is not the id of a refused message, a whole number from 1.")]
    public void Refused_messages_can_be_listed(string args, string? expected)
    {
        var options = ReplayOptions.Parse(RefusedCommand.Syntax, args.Split(' ', StringSplitOptions.RemoveEmptyEntries), out var problem);

        Assert.Equal(expected, problem);
        Assert.Equal((expected is null, args == "--list"), (options is not null, options?.IsList == true));
    }

    [Fact]
    public void Dead_letters_cannot()
    {
        Assert.Null(ReplayOptions.Parse(DeadLetterCommand.Syntax, ["--list"], out var problem));
        Assert.Equal("The option \"--list\" is not known.", problem);
    }
}
