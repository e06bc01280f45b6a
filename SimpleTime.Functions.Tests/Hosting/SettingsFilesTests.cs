using Microsoft.Extensions.Configuration;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Settings;
using Xunit;

namespace SimpleTime.Functions.Tests.Hosting;

/// <summary>host.json, local.settings.json and the environment. Variables have names that nothing else uses.</summary>
public sealed class SettingsFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StartupNotices _notices = new();
    private readonly List<string> _variables = [];

    public void Dispose()
    {
        _variables.ForEach(name => Environment.SetEnvironmentVariable(name, null));
        _folder.Dispose();
    }

    [Fact]
    public void Without_files_there_is_no_notice()
    {
        Read();
        Assert.Empty(_notices.Lines);
    }

    [Fact]
    public void Values_of_host_json_stand_below_the_official_section()
    {
        HostJson("""{ "extensions": { "kafka": { "maxBatchSize": 7, "on": true } }, "functions": ["A", "B"] }""");

        var configuration = Read();

        Assert.Equal("7", configuration["AzureFunctionsJobHost:extensions:kafka:maxBatchSize"]);
        Assert.True(configuration.GetValue<bool>("AzureFunctionsJobHost:extensions:kafka:on"));
        Assert.Equal("B", configuration["AzureFunctionsJobHost:functions:1"]);
    }

    [Fact]
    public void Comments_and_trailing_commas_are_allowed()
    {
        HostJson("{ /* why */ \"a\": 1, // because\n \"b\": [2,], }");

        Assert.Equal("2", Read()["AzureFunctionsJobHost:b:0"]);
        Assert.Empty(_notices.Lines);
    }

    [Fact]
    public void Values_of_local_settings_json_are_settings()
    {
        LocalSettings("""{ "IsEncrypted": false, "Values": { "COLOUR": "red" }, "Host": {} }""");

        Assert.Equal("red", Read()["COLOUR"]);
        Assert.Empty(_notices.Lines);
    }

    [Fact]
    public void Settings_of_the_server_in_values_have_their_prefix_as_in_the_environment()
    {
        LocalSettings("""{ "Values": { "ASPNETCORE_URLS": "http://127.0.0.1:1234" } }""");

        Assert.Equal("http://127.0.0.1:1234", Read()["URLS"]);
        Assert.Equal("http://127.0.0.1:1234", Read()["ASPNETCORE_URLS"]);
    }

    [Theory]
    [InlineData("IsEncrypted", "true")]
    [InlineData("isencrypted", "true")]
    [InlineData("ISENCRYPTED", "\"True\"")]
    public void Encrypted_values_are_not_taken_and_that_is_told(string key, string value)
    {
        LocalSettings($$"""{ "Values": { "COLOUR": "CfDJ8A==" }, "{{key}}": {{value}} }""");

        Assert.Null(Read()["COLOUR"]);
        Assert.Contains("IsEncrypted", Assert.Single(_notices.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("values")]
    [InlineData("VALUES")]
    public void The_keys_of_local_settings_json_are_taken_in_any_case(string key)
    {
        LocalSettings($$"""{ "{{key}}": { "COLOUR": "red" }, "HOST": { "localHTTPport": 7072 } }""");

        Assert.Equal("red", Read()["COLOUR"]);
        Assert.Equal("7072", Read()[ListenAddresses.LocalPort]);
        Assert.Empty(_notices.Lines);
    }

    [Theory]
    [InlineData("""{ "Host": { "CORS": "*" } }""", "CORS")]
    [InlineData("""{ "host": { "cors": ["http://a", "http://b"] } }""", "CORS")]
    [InlineData("""{ "Host": { "CORSCredentials": true } }""", "CORSCredentials")]
    [InlineData("""{ "ConnectionStrings": { "Main": "x" } }""", "ConnectionStrings:Main")]
    [InlineData("""{ "Values": "COLOUR=red" }""", "Values")]
    [InlineData("""{ "Colour": "red" }""", "Colour")]
    public void What_local_settings_json_has_and_this_host_does_not_do_is_one_line(string content, string named)
    {
        LocalSettings(content);

        Read();

        Assert.Contains(named, Assert.Single(_notices.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_level_of_the_environment_wins_over_host_json_in_either_spelling()
    {
        HostJson("""{ "logging": { "logLevel": { "default": "Information", "SimpleTimeA": "Warning", "SimpleTimeB": "Warning" } } }""");
        LocalSettings("""{ "Values": { "Logging__LogLevel__SimpleTimeB": "Error", "AzureFunctionsJobHost__logging__logLevel__SimpleTimeC": "Error" } }""");
        Variable("Logging__LogLevel__SimpleTimeA", "None");
        Variable("AzureFunctionsJobHost__logging__logLevel__SimpleTimeC", "Debug");

        var levels = Read().GetSection("Logging:LogLevel");

        Assert.Equal("Information None Error Debug", $"{levels["Default"]} {levels["SimpleTimeA"]} {levels["SimpleTimeB"]} {levels["SimpleTimeC"]}");
    }

    [Fact]
    public void However_much_is_wrong_the_lines_are_bounded()
    {
        LocalSettings($"{{{string.Join(',', Enumerable.Range(0, 5_000).Select(i => $"\"key{i}\": 1"))}}}");

        Read();

        Assert.InRange(_notices.Lines.Count, 1, 101);
    }

    [Fact]
    public void A_double_underscore_in_values_separates_as_in_the_environment()
    {
        LocalSettings("""{ "Values": { "AzureFunctionsJobHost__functions__0": "Time" } }""");

        Assert.Equal("Time", Read()["AzureFunctionsJobHost:functions:0"]);
    }

    [Fact]
    public void The_later_source_wins_over_the_earlier()
    {
        Variable("DOTNET_SIMPLETIME_P1", "dotnet");
        Variable("DOTNET_AzureFunctionsJobHost__simpletimep2", "dotnet");
        HostJson("""{ "simpletimep2": "host.json", "simpletimep3": "host.json" }""");
        LocalSettings("""
            { "Values": { "AzureFunctionsJobHost:simpletimep3": "values", "SIMPLETIME_P4": "values" } }
            """);
        Variable("SIMPLETIME_P4", "environment");

        var configuration = Read();

        Assert.Equal("dotnet", configuration["SIMPLETIME_P1"]);
        Assert.Equal("host.json", configuration["AzureFunctionsJobHost:simpletimep2"]);
        Assert.Equal("values", configuration["AzureFunctionsJobHost:simpletimep3"]);
        Assert.Equal("environment", configuration["SIMPLETIME_P4"]);
    }

    [Fact]
    public void The_environment_replaces_any_value_of_host_json()
    {
        HostJson("""{ "simpletimetest": { "a": { "b": 1 } } }""");
        Variable("AzureFunctionsJobHost__simpletimetest__a__b", "2");

        Assert.Equal("2", Read()["AzureFunctionsJobHost:simpletimetest:a:b"]);
    }

    [Theory]
    [InlineData("{ \"a\": ")]
    [InlineData("")]
    [InlineData("[1, 2]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    public void A_file_that_is_no_object_is_one_notice_that_names_it(string content)
    {
        HostJson(content);

        Read();

        Assert.Contains(_folder.Combine("host.json"), Assert.Single(_notices.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_local_settings_json_does_not_hide_host_json()
    {
        HostJson("""{ "a": 1 }""");
        LocalSettings("{ nonsense");

        Assert.Equal("1", Read()["AzureFunctionsJobHost:a"]);
        Assert.Contains("local.settings.json", Assert.Single(_notices.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_beyond_all_measure_is_one_notice_and_is_not_read()
    {
        HostJson("{ \"a\": \"" + new string('x', 2 << 20) + "\" }");

        Assert.Null(Read()["AzureFunctionsJobHost:a"]);
        Assert.Contains("host.json", Assert.Single(_notices.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "a": 1, "a": 2 }""")]
    [InlineData("""{ "a": 1, "A": 2 }""")]
    [InlineData("""{ "a:b": 1, "a": { "b": 2 } }""")]
    public void A_key_that_is_there_twice_does_not_stop_the_service(string content)
    {
        HostJson(content);
        LocalSettings($$"""{ "Values": {{content}} }""");

        Assert.Null(Record.Exception(() => Read()));
    }

    [Fact]
    public void A_folder_in_the_place_of_a_file_does_not_stop_the_service()
    {
        Directory.CreateDirectory(_folder.Combine("host.json"));

        Read();

        Assert.Contains("host.json", Assert.Single(_notices.Lines), StringComparison.Ordinal);
    }

    private ConfigurationManager Read()
    {
        var configuration = new ConfigurationManager();
        SettingsFiles.AddTo(configuration, _folder.Path, _notices);
        return configuration;
    }

    private void HostJson(string content) => File.WriteAllText(_folder.Combine("host.json"), content);

    private void LocalSettings(string content) => File.WriteAllText(_folder.Combine("local.settings.json"), content);

    private void Variable(string name, string value)
    {
        _variables.Add(name);
        Environment.SetEnvironmentVariable(name, value);
    }
}
