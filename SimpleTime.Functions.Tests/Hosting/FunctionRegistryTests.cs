using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Worker;
using SimpleTime.Functions.Worker.Invocation;
using SimpleTime.Functions.Worker.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>Which functions run.</summary>
public sealed class FunctionRegistryTests
{
    private readonly StartupNotices _notices = new();

    [Fact]
    public void Without_settings_all_functions_run() => Assert.Equal(["Alpha", "Beta", "Gamma"], Enabled([]));

    [Fact]
    public void An_allow_list_names_those_that_run_in_any_case()
    {
        Assert.Equal(["Alpha", "Gamma"], Enabled(new()
        {
            ["AzureFunctionsJobHost:functions:0"] = "GAMMA",
            ["AzureFunctionsJobHost:functions:1"] = "alpha",
        }));
        Assert.Empty(_notices.Lines);
    }

    [Fact]
    public void An_unknown_name_in_the_allow_list_is_one_notice()
    {
        Assert.Equal(["Beta"], Enabled(new()
        {
            ["AzureFunctionsJobHost:functions:0"] = "Beta",
            ["AzureFunctionsJobHost:functions:1"] = "Delta",
        }));
        Assert.Contains("Delta", Assert.Single(_notices.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void An_allow_list_of_unknown_names_runs_nothing() =>
        Assert.Empty(Enabled(new() { ["AzureFunctionsJobHost:functions:0"] = "Delta" }));

    [Fact]
    public void An_allow_list_may_have_gaps_in_its_numbers() => Assert.Equal(["Alpha", "Beta"], Enabled(new()
    {
        ["AzureFunctionsJobHost:functions:0"] = " ",
        ["AzureFunctionsJobHost:functions:1"] = "Alpha",
        ["AzureFunctionsJobHost:functions:3"] = "Beta",
    }));

    [Theory]
    [InlineData("AzureWebJobs.Beta.Disabled", "true")]
    [InlineData("AzureWebJobs.Beta.Disabled", "True")]
    [InlineData("AzureWebJobs.Beta.Disabled", "1")]
    [InlineData("AzureWebJobs_Beta_Disabled", "true")]
    [InlineData("AzureWebJobs_Beta_Disabled", "1")]
    [InlineData("AzureWebJobs:Beta:Disabled", "true")]
    [InlineData("azurewebjobs:beta:disabled", "1")]
    public void A_function_can_be_disabled(string name, string value) =>
        Assert.Equal(["Alpha", "Gamma"], Enabled(new() { [name] = value }));

    [Theory]
    [InlineData("AzureWebJobs.Beta.Disabled", "false")]
    [InlineData("AzureWebJobs.Beta.Disabled", "0")]
    [InlineData("AzureWebJobs.Beta.Disabled", "yes")]
    [InlineData("AzureWebJobs.Beta.Disabled", "")]
    [InlineData("AzureWebJobsStorage", "true")]
    [InlineData("AzureWebJobs.Beta.Retries", "true")]
    public void Nothing_else_disables_it(string name, string value) =>
        Assert.Equal(["Alpha", "Beta", "Gamma"], Enabled(new() { [name] = value }));

    [Theory]
    [InlineData("yes", 1)]
    [InlineData("0", 0)]
    [InlineData("False", 0)]
    [InlineData(" ", 0)]
    public void A_value_that_neither_disables_nor_enables_is_told(string value, int notices)
    {
        Assert.Equal(["Alpha", "Beta", "Gamma"], Enabled(new() { ["AzureWebJobs.Beta.Disabled"] = value }));

        Assert.Equal(notices, _notices.Lines.Count);
        Assert.All(_notices.Lines, line => Assert.Contains("AzureWebJobs.Beta.Disabled is \"yes\"", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AzureWebJobs.Betta.Disabled", "true")]
    [InlineData("AzureWebJobs_Betta_Disabled", "true")]
    [InlineData("AzureWebJobs:Betta:Disabled", "false")]
    [InlineData("AZUREWEBJOBS.BETTA.DISABLED", "")]
    public void A_switch_that_names_no_function_is_one_line(string name, string value)
    {
        Assert.Equal(["Alpha", "Beta", "Gamma"], Enabled(new() { [name] = value, ["AzureWebJobs.Alpha.Disabled"] = "false", ["AzureWebJobsStorage"] = "x" }));

        Assert.Contains("Betta", Assert.Single(_notices.Lines), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_switch_of_a_later_source_wins_over_another_spelling_in_an_earlier_one()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["AzureWebJobs.Beta.Disabled"] = "true" })
            .AddInMemoryCollection(new Dictionary<string, string?> { ["AzureWebJobs:Beta:Disabled"] = "false" }).Build();

        Assert.False(new FunctionSwitches(configuration, _notices).IsOff("Beta"));
    }

    [Theory]
    [InlineData("AzureFunctionsJobHost:functions", "Alpha,Beta")]
    [InlineData("AzureFunctionsJobHost:functions", "Alpha")]
    [InlineData("AzureFunctionsJobHost:functions:Alpha", "true")]
    [InlineData("AzureFunctionsJobHost:functions:0:name", "Alpha")]
    public void An_allow_list_that_is_no_list_is_one_line_and_all_functions_run(string name, string value)
    {
        Assert.Equal(["Alpha", "Beta", "Gamma"], Enabled(new() { [name] = value }));

        Assert.Contains("AzureFunctionsJobHost:functions", Assert.Single(_notices.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Disabling_wins_over_the_allow_list() => Assert.Equal(["Alpha"], Enabled(new()
    {
        ["AzureFunctionsJobHost:functions:0"] = "Alpha",
        ["AzureFunctionsJobHost:functions:1"] = "Beta",
        ["AzureWebJobs.Beta.Disabled"] = "true",
    }));

    [Theory]
    [InlineData("%MISSING%", "group")]
    [InlineData("topic", "%MISSING%")]
    public void A_trigger_that_does_not_resolve_disables_its_function_alone(string topic, string group)
    {
        var trigger = TestFunctions.Kafka("Trigger", new KafkaTriggerAttribute("brokers", topic) { ConsumerGroup = group });

        Assert.Equal(["Alpha"], Enabled([], TestFunctions.Http("Alpha"), trigger));
        var notice = Assert.Single(_notices.Lines);
        Assert.Contains("Trigger", notice, StringComparison.Ordinal);
        Assert.Contains("'%MISSING%' does not resolve to a value.", notice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disabled_trigger_that_does_not_resolve_is_not_told() => Assert.Multiple(
        () => Assert.Empty(Enabled(
            new() { ["AzureWebJobs.Trigger.Disabled"] = "true" },
            TestFunctions.Kafka("Trigger", new KafkaTriggerAttribute("brokers", "%MISSING%")))),
        () => Assert.Empty(_notices.Lines));

    [Fact]
    public void Two_functions_of_one_name_cannot_run()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Enabled([], TestFunctions.Http("Same"), TestFunctions.Http("SAME")));
        Assert.Contains("same", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    private string[] Enabled(Dictionary<string, string?> settings) =>
        Enabled(settings, TestFunctions.Http("Gamma"), TestFunctions.Http("Alpha"), TestFunctions.Http("Beta"));

    private string[] Enabled(Dictionary<string, string?> settings, params FunctionDescriptor[] functions)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        var host = HostSettings.Read(new SettingReader(configuration, _notices));
        var registry = FunctionRegistry.Create(functions, configuration, host, _notices);
        Assert.Equal(functions.Length, registry.All.Count);
        return [.. registry.Enabled.Select(function => function.Name)];
    }
}
