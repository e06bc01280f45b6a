using Xunit;

namespace SimpleTime.Functions.Tests.Generator;

public class ResultDiagnosticsTests
{
    [Theory]
    [InlineData("void")]
    [InlineData("Task")]
    [InlineData("string")]
    [InlineData("Task<int>")]
    [InlineData("ValueTask<List<string>>")]
    [InlineData("IResult[]")]
    [InlineData("IAsyncEnumerable<IResult>")]
    public void An_unsupported_return_type_of_an_http_function_is_reported(string type) =>
        Http(type).AssertOne("FUNC018", type, $"'{type}'", "return IResult", "[HttpResult]");

    [Theory]
    [InlineData("IResult")]
    [InlineData("Task<string>")]
    [InlineData("int")]
    [InlineData("KafkaRecord[]")]
    public void An_unsupported_return_type_of_a_kafka_function_is_reported(string type) =>
        Kafka(type).AssertOne("FUNC018", type, $"'{type}'", "return void", "[KafkaOutput]");

    [Fact]
    public void A_kafka_function_s_type_without_outputs_is_reported() =>
        Kafka("Output", "public IResult? Response { get; set; }").AssertOne("FUNC018", "Output", "'Output'", "[KafkaOutput]");

    [Fact]
    public void A_result_by_reference_is_reported() =>
        Http("ref IResult").AssertOne("FUNC018", "ref IResult", "not supported");

    [Fact]
    public void An_async_void_function_is_reported() =>
        GeneratorRun.Of("""
            public class C
            {
                [Function("F")] public async void Run([KafkaTrigger("b", "t")] KafkaRecord record) => await Task.Yield();
            }
            """).AssertOne("FUNC019", "void", "'F' is async void", "return Task");

    [Theory]
    [InlineData("Output")]
    [InlineData("Task<Output>")]
    public void An_http_function_s_type_without_an_answer_is_reported(string returnType) =>
        Http(returnType, """[KafkaOutput("b", "t")] public string[]? Events { get; set; }""")
            .AssertOne("FUNC020", returnType, "'Output'", "'F'", "add [HttpResult]");

    [Fact]
    public void An_answer_that_is_not_marked_is_reported() =>
        Http("Output", "public IResult? Response { get; set; }").AssertOne("FUNC020", "Output", "add [HttpResult]");

    [Fact]
    public void Each_answer_after_the_first_is_reported() =>
        Http("Output", "[HttpResult] public IResult? One { get; set; } [HttpResult] public IResult? Two { get; set; }")
            .AssertOne("FUNC021", "Two", "'Output' has more than one [HttpResult]");

    [Fact]
    public void An_answer_of_another_type_is_reported() =>
        Http("Output", "[HttpResult] public string? Response { get; set; }")
            .AssertOne("FUNC022", "Response", "'Response'", "'string?'", "IResult");

    [Fact]
    public void An_answer_of_a_kafka_function_is_reported() =>
        Kafka("Output", "[HttpResult] public IResult? Response { get; set; }")
            .AssertOne("FUNC023", "Response", "'F'", "'Response'", "remove");

    [Theory]
    [InlineData("public string[]? Events { internal get; set; }", "Events")]
    [InlineData("public string[]? Events { set { } }", "Events")]
    [InlineData("internal string[]? Events { get; set; }", "Events")]
    [InlineData("public static string[]? Events { get; set; }", "Events")]
    [InlineData("public string[] this[int index] => [];", "this")]
    public void An_output_that_cannot_be_read_is_reported(string property, string spanText) =>
        Kafka("Output", $"""[KafkaOutput("b", "t")] {property}""").AssertOne("FUNC024", spanText, "no public getter");

    [Fact]
    public void An_answer_that_cannot_be_read_is_reported() =>
        Http("Output", "[HttpResult] internal IResult? Response { get; set; }").AssertOne("FUNC024", "Response", "'Response'");

    [Fact]
    public void Two_outputs_on_one_property_are_reported() =>
        Http("Output", """[HttpResult, KafkaOutput("b", "t")] public IResult? Response { get; set; }""")
            .AssertOne("FUNC025", "Response", "'Response'", "a property of its own");

    [Fact]
    public void An_output_of_another_kind_is_reported() =>
        GeneratorRun.Of("""
            public sealed class QueueOutputAttribute : Microsoft.Azure.Functions.Worker.Extensions.Abstractions.OutputBindingAttribute;
            public class Output { [QueueOutput] public string? Message { get; set; } }
            public class C
            {
                [Function("F")] public Output Run([KafkaTrigger("b", "t")] KafkaRecord record) => new();
            }
            """).AssertOne("FUNC026", "QueueOutput", "'QueueOutput'", "[KafkaOutput] or [HttpResult]");

    [Fact]
    public void An_output_attribute_on_the_method_is_reported() =>
        GeneratorRun.Of("""
            public class C
            {
                [Function("F"), KafkaOutput("b", "t")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();
            }
            """).AssertOne("FUNC027", "KafkaOutput(\"b\", \"t\")", "[KafkaOutput]", "'Run'", "a property of the type");

    private static GeneratorRun Http(string returnType, string outputMembers = "") =>
        Of("[HttpTrigger] HttpRequest request", returnType, outputMembers);

    private static GeneratorRun Kafka(string returnType, string outputMembers = "") =>
        Of("""[KafkaTrigger("b", "t")] KafkaRecord record""", returnType, outputMembers);

    private static GeneratorRun Of(string parameter, string returnType, string outputMembers) => GeneratorRun.Of($$"""
        public class Output { {{outputMembers}} }
        public class C
        {
            [Function("F")] public {{returnType}} Run({{parameter}}) => throw new NotSupportedException();
        }
        """);
}
