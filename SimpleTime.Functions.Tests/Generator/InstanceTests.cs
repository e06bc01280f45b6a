using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace SimpleTime.Functions.Tests.Generator;

public class InstanceTests
{
    [Fact]
    public async Task Dependencies_come_from_the_invocation_s_services() =>
        Assert.Equal(["blue and 5, same provider: True"], await LogOf(
            """
            public class C(
                List<string> log,
                [FromKeyedServices("a \"key\"")] string colour,
                [FromKeyedServices(DayOfWeek.Friday)] Version version,
                IServiceProvider services)
            {
                [Function("F")] public void Run([KafkaTrigger("b", "t")] KafkaRecord record) =>
                    log.Add($"{colour} and {version.Major}, same provider: {services.GetService<List<string>>() == log}");
            }
            """,
            static services => services.AddKeyedSingleton("a \"key\"", "blue").AddKeyedSingleton(DayOfWeek.Friday, new Version(5, 0))));

    [Fact]
    public async Task Keys_of_any_type_and_none_are_passed() =>
        Assert.Equal(["typed, plain"], await LogOf(
            """
            public class C(List<string> log, [FromKeyedServices(typeof(int))] string typed, [FromKeyedServices(null)] string plain)
            {
                [Function("F")] public void Run([KafkaTrigger("b", "t")] KafkaRecord record) => log.Add($"{typed}, {plain}");
            }
            """,
            static services => services.AddKeyedSingleton<string>(typeof(int), "typed").AddSingleton("plain")));

    [Fact]
    public async Task Optional_parameters_get_their_defaults_without_a_service() =>
        Assert.Equal(["x\n|3|||Friday|1.5|2|k"], await LogOf(Optional));

    [Fact]
    public async Task Optional_parameters_get_services_where_there_are_any() =>
        Assert.Equal(["s|4|||Friday|1.5|2|keyed"], await LogOf(
            Optional,
            static services => services.AddSingleton("s").AddSingleton(typeof(int), 4).AddKeyedSingleton("key", "keyed")));

    [Fact]
    public async Task A_missing_service_is_an_error()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => LogOf("""
            public class C(Version version)
            {
                [Function("F")] public void Run([KafkaTrigger("b", "t")] KafkaRecord record) => version.ToString();
            }
            """));
        Assert.Contains("System.Version", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public C() { } [ActivatorUtilitiesConstructor] public C(List<string> log) => _log = log;")]
    [InlineData("public C(List<string> log) => _log = log; internal C() { }")]
    [InlineData("public required int N; [System.Diagnostics.CodeAnalysis.SetsRequiredMembers] public C(List<string> log) => _log = log;")]
    public async Task The_usable_constructor_is_called(string constructors) =>
        Assert.Equal(["called"], await LogOf($$"""
            public class C
            {
                private readonly List<string>? _log;
                {{constructors}}
                [Function("F")] public void Run([KafkaTrigger("b", "t")] KafkaRecord record) => _log!.Add("called");
            }
            """));

    [Fact]
    public async Task A_nested_class_and_an_inherited_dependency_work() =>
        Assert.Equal(["nested"], await LogOf("""
            public static class Outer
            {
                public sealed class Inner(List<string?> log)
                {
                    [Function("F")] public void Run([KafkaTrigger("b", "t")] KafkaRecord record) => log.Add("nested");
                }
            }
            """));

    [Theory]
    [InlineData("IDisposable", "void", "run, Dispose")]
    [InlineData("IDisposable", "async Task", "run, Dispose")]
    [InlineData("IAsyncDisposable", "void", "run, DisposeAsync")]
    [InlineData("IAsyncDisposable", "async Task", "run, DisposeAsync")]
    [InlineData("IDisposable, IAsyncDisposable", "void", "run, Dispose")]
    [InlineData("IDisposable, IAsyncDisposable", "async ValueTask", "run, DisposeAsync")]
    public async Task Instances_are_disposed_of_after_the_call(string interfaces, string type, string expected)
    {
        var source = Disposable(interfaces, type, "");

        Assert.Equal(expected, string.Join(", ", await LogOf(source)));
        Assert.Equal(expected.Contains("Async", StringComparison.Ordinal) || type != "void", LoadedFunctions.Load(source).IsAsync());
    }

    [Theory]
    [InlineData("IDisposable", "Dispose")]
    [InlineData("IAsyncDisposable", "DisposeAsync")]
    public async Task Instances_are_disposed_of_after_an_exception(string interfaces, string expected)
    {
        var bindings = new FakeBindings();

        await Assert.ThrowsAsync<FormatException>(
            () => LoadedFunctions.Load(Disposable(interfaces, "async Task", "throw new FormatException();")).InvokeAsync(bindings));

        Assert.Equal(["run", expected], bindings.Log);
    }

    private const string Optional = """
        public class C(
            List<string> log, string text = "x\n", int number = 3, Version? version = null, DateTime? date = default,
            DayOfWeek day = DayOfWeek.Friday, decimal price = 1.5m, long? count = 2, [FromKeyedServices("key")] string keyed = "k")
        {
            [Function("F")] public void Run([KafkaTrigger("b", "t")] KafkaRecord record) =>
                log.Add(FormattableString.Invariant($"{text}|{number}|{version}|{date}|{day}|{price}|{count}|{keyed}"));
        }
        """;

    private static string Disposable(string interfaces, string type, string statement) => $$"""
        public class Resource(List<string> log)
        {
            public void Dispose() => log.Add("Dispose");
            public async ValueTask DisposeAsync() { await Task.Yield(); log.Add("DisposeAsync"); }
        }
        public class C(List<string> log) : Resource(log), {{interfaces}}
        {
            private readonly List<string> _log = log;
            [Function("F")]
            public {{type}} Run([KafkaTrigger("b", "t")] KafkaRecord record)
            {
                _log.Add("run");
                {{(type == "void" ? "" : "await Task.Yield();")}}
                {{statement}}
            }
        }
        """;

    private static async Task<List<string>> LogOf(string source, Action<IServiceCollection>? configure = null) =>
        (await LoadedFunctions.Load(source).InvokeAsync(new FakeBindings(configure))).Log;
}
