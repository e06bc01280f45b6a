using System.Diagnostics;
using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Benchmarks;

/// <summary>The benchmark runs to its end; how fast a machine of the tests is, is no matter of theirs.</summary>
[Trait("Category", "Benchmarks")]
public class BenchmarkTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_short_run_says_of_each_variant_what_it_costs()
    {
        await using var benchmark = Start("--rounds", "1", "--seconds", "1", "--connections", "2");

        Assert.True(await benchmark.WaitForExitAsync(_deadline) == 0, benchmark.Describe());

        var rows = benchmark.Output.Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToArray();
        Assert.Equal(
            ["bare minimal API", "everything off", "metrics", "metrics, logs, traces at 10 %", "metrics, logs, traces at 100 %"],
            rows.Select(row => row[1]));
        Assert.All(rows, row => Assert.True(double.Parse(row[2], System.Globalization.CultureInfo.InvariantCulture) > 0, string.Join(' ', row)));
        Assert.Equal("1.00", rows[1][6]);
    }

    [Fact]
    public async Task A_short_run_says_how_fast_a_backlog_is_sent()
    {
        await using var benchmark = Start("--backlog", "5000");

        Assert.True(await benchmark.WaitForExitAsync(_deadline) == 0, benchmark.Describe());

        var rows = benchmark.Output.Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToArray();
        Assert.Equal(["fresh, 16 connections", "no flush", "50 callers flush"], rows[..3].Select(row => row[1]));
        Assert.StartsWith("backlog of ", Assert.Single(rows[3..])[1], StringComparison.Ordinal);
        Assert.All([rows[0], rows[3]], row => Assert.True(int.Parse(row[2], System.Globalization.CultureInfo.InvariantCulture) > 0, string.Join(' ', row)));
    }

    [Theory]
    [InlineData("--rounds")]
    [InlineData("--rounds", "0")]
    [InlineData("--seconds", "31")]
    [InlineData("--native", "/nowhere")]
    [InlineData("--laps", "1")]
    public async Task Arguments_that_make_no_sense_are_one_line(params string[] args)
    {
        await using var benchmark = Start(args);

        Assert.Equal(2, await benchmark.WaitForExitAsync(_deadline));
        Assert.Contains(args[0], Assert.Single(benchmark.Output), StringComparison.Ordinal);
    }

    private static ChildProcess Start(params string[] args) =>
        ChildProcess.Start(new ProcessStartInfo(DotnetHost.Path, [DotnetHost.OutputFile("SimpleTime.Functions.Benchmarks.dll"), .. args]));
}
