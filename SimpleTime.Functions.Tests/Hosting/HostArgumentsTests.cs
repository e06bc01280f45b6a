using SimpleTime.Functions.Worker.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>The service's command line.</summary>
public sealed class HostArgumentsTests
{
    private readonly StartupNotices _notices = new();

    [Theory]
    [InlineData("--urls http://a:1", "http://a:1", null)]
    [InlineData("--urls=http://a:1", "http://a:1", null)]
    [InlineData("--PORT 8081", null, "8081")]
    [InlineData("--port=8081 --port 8082", null, "8082")]
    [InlineData("--port 8081 --urls http://a:1", "http://a:1", "8081")]
    [InlineData("", null, null)]
    public void Both_options_are_read_in_both_forms(string args, string? urls, string? port)
    {
        Assert.Equal(new HostArguments(urls, port), Parse(args));
        Assert.Null(_notices.Fault);
    }

    [Theory]
    [InlineData("--prot 8081")]
    [InlineData("--port 8081 8082")]
    [InlineData("-port 8081")]
    [InlineData("serve")]
    [InlineData("--KAFKA_BROKERS=localhost")]
    [InlineData("--port")]
    [InlineData("--port --urls http://a:1")]
    public void Any_other_is_a_fault_of_exit_code_2(string args)
    {
        Parse(args);

        Assert.Equal(2, _notices.Fault?.ExitCode);
    }

    [Fact]
    public void What_is_shown_of_it_is_one_bounded_line()
    {
        HostArguments.Parse(["--\n\u001b[31m" + new string('x', 5_000)], _notices);

        Assert.DoesNotContain(_notices.Fault!.Line, char.IsControl);
        Assert.InRange(_notices.Fault.Line.Length, 1, 200);
    }

    private HostArguments Parse(string args) => HostArguments.Parse(args.Split(' ', StringSplitOptions.RemoveEmptyEntries), _notices);
}
