using Microsoft.Azure.Functions.Worker;
using SimpleTime.Functions.Worker;
using Xunit;

namespace SimpleTime.Functions.Tests.Generator;

public class CatalogueTests
{
    private const string Two = """
        namespace App;
        public record Event(string Name);
        public class Output
        {
            [HttpResult] public required IResult Response { get; init; }
            [KafkaOutput("KAFKA_BROKERS", "%TOPIC%", LingerMs = 50, EnableIdempotence = true)] public Event[]? Events { get; init; }
        }
        public class Zeta
        {
            [Function("Zeta")]
            public Output Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "z/{id?}")] HttpRequest request) =>
                new() { Response = Results.Ok() };
        }
        public class Outer
        {
            public static class Alpha
            {
                [Function("alpha-1")]
                [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
                public static void Run(
                    [KafkaTrigger("KAFKA_BROKERS", "t", ConsumerGroup = "%G%", IsBatched = true)] KafkaRecord[] records)
                {
                }
            }
        }
        """;

    [Fact]
    public void Functions_are_described_in_the_order_of_their_names()
    {
        var functions = LoadedFunctions.LoadAll(Two);

        Assert.Equal(["Zeta", "alpha-1"], functions.Select(static f => f.Name));
        Assert.Equal(["App.Zeta.Run", "App.Outer+Alpha.Run"], functions.Select(static f => f.EntryPoint));
        Assert.Equal(["request", "records"], functions.Select(static f => f.TriggerName));
    }

    [Fact]
    public void Attributes_are_as_they_were_written()
    {
        var functions = LoadedFunctions.LoadAll(Two);

        var http = Assert.IsType<HttpTriggerAttribute>(functions[0].Trigger);
        Assert.Equal(AuthorizationLevel.Anonymous, http.AuthLevel);
        Assert.Equal(["get", "post"], http.Methods!);
        Assert.Equal("z/{id?}", http.Route);
        Assert.Null(functions[0].Retry);

        var kafka = Assert.IsType<KafkaTriggerAttribute>(functions[1].Trigger);
        Assert.Equal(("KAFKA_BROKERS", "t", "%G%", true), (kafka.BrokerList, kafka.Topic, kafka.ConsumerGroup, kafka.IsBatched));
        var retry = Assert.IsType<ExponentialBackoffRetryAttribute>(functions[1].Retry);
        Assert.Equal((-1, "00:00:01", "00:01:00"), (retry.MaxRetryCount, retry.MinimumInterval, retry.MaximumInterval));
        Assert.Empty(functions[1].Outputs);
    }

    [Fact]
    public void Outputs_are_described()
    {
        var outputs = LoadedFunctions.LoadAll(Two)[0].Outputs;

        Assert.Equal([("Response", "http"), ("Events", "kafka")], outputs.Select(static o => (o.Name, o.BindingType)));
        Assert.Null(outputs[0].MessageType);
        Assert.Equal("App.Event", outputs[1].MessageType!.FullName);
        var kafka = outputs[1].Kafka!;
        Assert.Equal(("KAFKA_BROKERS", "%TOPIC%", 50, true, 10_000),
            (kafka.BrokerList, kafka.Topic, kafka.LingerMs, kafka.EnableIdempotence, kafka.BatchSize));
    }

    [Theory]
    [InlineData("string?", typeof(string))]
    [InlineData("string[]", typeof(string))]
    [InlineData("byte[]", typeof(byte[]))]
    [InlineData("byte[][]", typeof(byte[]))]
    [InlineData("int?", typeof(int?))]
    [InlineData("int[,]", typeof(int[,]))]
    [InlineData("dynamic", typeof(object))]
    [InlineData("Dictionary<string, object?>[]", typeof(Dictionary<string, object>))]
    [InlineData("List<string?>", typeof(List<string>))]
    [InlineData("(int A, string? B)[]", typeof((int, string)))]
    public void The_message_is_the_property_or_an_element_of_its_array(string type, Type messageType)
    {
        var function = LoadedFunctions.Load($$"""
            public class Output { [KafkaOutput("b", "t")] public {{type}} Message { get; set; } = default!; }
            public class C
            {
                [Function("F")] public Output Run([KafkaTrigger("b", "t")] KafkaRecord record) => new();
            }
            """);

        Assert.Equal(messageType, Assert.Single(function.Outputs).MessageType);
    }

    [Theory]
    [InlineData("", AuthorizationLevel.Function, null)]
    [InlineData("()", AuthorizationLevel.Function, null)]
    [InlineData("(AuthorizationLevel.Anonymous)", AuthorizationLevel.Anonymous, null)]
    [InlineData("(AuthorizationLevel.Anonymous, new string[0])", AuthorizationLevel.Anonymous, "")]
    [InlineData("(AuthorizationLevel.Anonymous, (string[])null!)", AuthorizationLevel.Anonymous, null)]
    [InlineData("(methods: new[] { \"GET\" }, authLevel: (AuthorizationLevel)0)", AuthorizationLevel.Anonymous, "GET")]
    [InlineData("(\"get\", \"put\")", AuthorizationLevel.Function, "get,put")]
    [InlineData("(\"get\", null!)", AuthorizationLevel.Function, "get,")]
    public void The_author_s_constructor_is_called(string arguments, AuthorizationLevel level, string? methods)
    {
        var function = LoadedFunctions.Load($$"""
            public class C { [Function("F")] public IResult Run([HttpTrigger{{arguments}}] HttpRequest request) => Results.Ok(); }
            """);

        var trigger = Assert.IsType<HttpTriggerAttribute>(function.Trigger);
        Assert.Equal(level, trigger.AuthLevel);
        Assert.Equal(methods, trigger.Methods is null ? null : string.Join(',', trigger.Methods));
    }

    [Theory]
    [InlineData("quote \" backslash \\ brace {0} percent %A%")]
    [InlineData("line\r\nend\ttab\0zero\u2028separator\u0085next")]
    [InlineData("gr\u00FC\u00DFe \u65E5\u672C \uD83D\uDE00 lone \uD800 surrogate")]
    public void Strings_survive(string text)
    {
        var escaped = string.Concat(text.Select(static c => $"\\u{(int)c:X4}"));
        var function = LoadedFunctions.Load($$"""
            public class C
            {
                [Function("F")] public void Run([KafkaTrigger("{{escaped}}", "t", ConsumerGroup = "{{escaped}}")] KafkaRecord record) { }
            }
            """);

        var trigger = Assert.IsType<KafkaTriggerAttribute>(function.Trigger);
        Assert.Equal((text, text), (trigger.BrokerList, trigger.ConsumerGroup));
    }

    [Fact]
    public void Names_that_differ_in_punctuation_only_have_invokers_of_their_own()
    {
        string[] names = ["a-b", "a_b", "a--b", "a__b", "a_0b", "a_-b"];
        var functions = LoadedFunctions.LoadAll(string.Concat(names.Select(static (name, i) => $$"""
            public class C{{i}} { [Function("{{name}}")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok(); }
            """)));

        Assert.Equal(6, functions.DistinctBy(static f => f.Invoker.Method.Name).Count());
    }

    [Fact]
    public void Keywords_are_names_like_others()
    {
        var function = LoadedFunctions.Load("""
            namespace @namespace;
            public class @class
            {
                [HttpResult] public IResult @return { get; set; } = Results.Ok();
                [Function("F")] public @class @void([HttpTrigger] HttpRequest @event) => new();
            }
            """);

        Assert.Equal(("namespace.class.void", "event"), (function.EntryPoint, function.TriggerName));
        Assert.Equal("return", Assert.Single(function.Outputs).Name);
    }

    [Fact]
    public void Obsolete_functions_give_no_warning() =>
        GeneratorRun.Of("""
            [Obsolete] public class C
            {
                [Obsolete("old"), Function("F")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();
            }
            """).AssertClean();

    [Fact]
    public void The_code_is_registered_with_the_worker_and_marked_as_generated()
    {
        var code = GeneratorRun.Of(Two).AssertClean().Generated;

        Assert.StartsWith("// <auto-generated/>\n", code, StringComparison.Ordinal);
        Assert.Contains("[global::System.Runtime.CompilerServices.ModuleInitializer]", code, StringComparison.Ordinal);
        Assert.Contains($"global::{typeof(FunctionCatalogue).FullName}.Register(", code, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', code);
    }

    [Fact]
    public void No_functions_give_no_code() => Assert.Empty(GeneratorRun.Of("public class C;").AssertClean().Generated);

    [Fact]
    public void The_code_does_not_depend_on_the_order_of_files()
    {
        const string a = """public class A { [Function("A")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok(); }""";
        const string b = """public class B { [Function("B")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok(); }""";

        Assert.Equal(GeneratorRun.Of(a, b).AssertClean().Generated, GeneratorRun.Of(b, a).AssertClean().Generated);
    }
}
