using Xunit;

namespace SimpleTime.Functions.Tests.Generator;

public class DeclarationDiagnosticsTests
{
    [Fact]
    public void Each_function_after_the_first_of_a_name_is_reported()
    {
        var run = GeneratorRun.Of("""
            namespace App;
            public class One
            {
                [Function("Time")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();
            }
            public class Two
            {
                [Function("TIME")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();
                [Function(name: "time")] public IResult Again([HttpTrigger] HttpRequest request) => Results.Ok();
            }
            """);

        run.AssertOne("FUNC001", ["\"TIME\"", "\"time\""], "already used by 'App.One.Run'", "a name of its own");
        Assert.Contains("global::App.One", run.Generated, StringComparison.Ordinal);
        Assert.DoesNotContain("global::App.Two", run.Generated, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_taken_by_a_function_with_errors()
    {
        var run = GeneratorRun.Of("""
            public class One
            {
                [Function("Time")] public IResult Run() => Results.Ok();
                [Function("time")] public IResult Again([HttpTrigger] HttpRequest request) => Results.Ok();
            }
            """);

        Assert.Equal(["FUNC008", "FUNC001"], run.Diagnostics.Select(static d => d.Id));
        Assert.Empty(run.Generated);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("_x")]
    [InlineData("with space")]
    [InlineData("Zeit\u00FC")]
    [InlineData("a.b")]
    public void An_invalid_name_is_reported(string name) =>
        WithName($"\"{name}\"").AssertOne("FUNC002", $"\"{name}\"", $"'{name}'", "starting with a letter");

    [Fact]
    public void A_name_may_have_127_characters()
    {
        WithName($"\"{new string('a', 127)}\"").AssertClean();
        WithName($"\"{new string('a', 128)}\"").AssertOne("FUNC002", $"\"{new string('a', 128)}\"", "127");
    }

    [Fact]
    public void A_local_function_is_reported() =>
        GeneratorRun.Of("""
            public class C
            {
                public static Func<HttpRequest, IResult> M()
                {
                    return Run;
                    [Function("F")] static IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();
                }
            }
            """).AssertOne("FUNC003", "Function(\"F\")", "'Run'", "a method of a public class");

    [Fact]
    public void A_method_of_a_struct_is_reported() =>
        GeneratorRun.Of("""
            public struct S
            {
                [Function("F")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();
            }
            """).AssertOne("FUNC003", "Function(\"F\")", "'Run'", "a method of a public class");

    [Fact]
    public void A_class_that_is_not_public_is_reported_once() =>
        GeneratorRun.Of("""
            internal class C
            {
                [Function("F")] public IResult F([HttpTrigger] HttpRequest request) => Results.Ok();
                [Function("G")] public IResult G([HttpTrigger] HttpRequest request) => Results.Ok();
            }
            """).AssertOne("FUNC004", "C", "'C'", "make it and every type around it public");

    [Fact]
    public void A_public_class_in_one_that_is_not_is_reported() =>
        GeneratorRun.Of("""
            internal class Outer
            {
                public class Inner
                {
                    [Function("F")] public IResult F([HttpTrigger] HttpRequest request) => Results.Ok();
                }
            }
            """).AssertOne("FUNC004", "Inner", "'Outer.Inner'");

    [Fact]
    public void A_method_that_is_not_public_is_reported() =>
        WithMethod("""[Function("F")] internal IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();""")
            .AssertOne("FUNC004", "Run", "'C.Run'");

    [Fact]
    public void A_return_type_that_is_not_public_is_reported() =>
        Assert.Contains(
            GeneratorRun.Of("""
                internal class Output { [HttpResult] public IResult? Response { get; set; } }
                internal class C
                {
                    [Function("F")] public Task<Output> Run([HttpTrigger] HttpRequest request) => Task.FromResult(new Output());
                }
                """).Diagnostics,
            static d => d.Id == "FUNC004" && d.GetMessage(null).Contains("'Task<Output>'", StringComparison.Ordinal));

    [Fact]
    public void An_abstract_class_is_reported() =>
        GeneratorRun.Of("""
            public abstract class C
            {
                [Function("F")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();
            }
            """).AssertOne("FUNC005", "C", "'C' is abstract");

    [Fact]
    public void A_generic_class_is_reported() =>
        GeneratorRun.Of("""
            public class C<T>
            {
                [Function("F")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();
            }
            """).AssertOne("FUNC006", "C", "'C<T>'", "type parameters");

    [Fact]
    public void A_class_in_a_generic_class_is_reported() =>
        GeneratorRun.Of("""
            public class Outer<T>
            {
                public class Inner
                {
                    [Function("F")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();
                }
            }
            """).AssertOne("FUNC006", "Inner", "'Outer<T>.Inner'");

    [Fact]
    public void A_generic_method_is_reported() =>
        WithMethod("""[Function("F")] public IResult Run<T>([HttpTrigger] HttpRequest request) => Results.Ok();""")
            .AssertOne("FUNC006", "Run", "'C.Run'", "type parameters");

    [Theory]
    [InlineData("private C() { }", "C", "no public constructor")]
    [InlineData("public C() { } public C(string s) { }", "C", "2 public constructors", "[ActivatorUtilitiesConstructor]")]
    [InlineData("[ActivatorUtilitiesConstructor] public C() { } [ActivatorUtilitiesConstructor] public C(string s) { }", "C", "mark one")]
    [InlineData("public C(ref string text) { }", "text", "'text' cannot be a service")]
    [InlineData("public C(Span<int> numbers) { }", "numbers", "'numbers' cannot be a service")]
    [InlineData("public required string Name { get; set; }", "C", "required members", "[SetsRequiredMembers]")]
    public void A_class_without_a_usable_constructor_is_reported(string members, string spanText, params string[] words) =>
        WithMethod(members + """[Function("F")] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();""")
            .AssertOne("FUNC007", spanText, ["No instance of 'C' can be made", .. words]);

    [Fact]
    public void What_the_compiler_reports_is_left_to_it()
    {
        var run = GeneratorRun.Of("""
            public class C(Missing missing)
            {
                [Function("F")] public IResult F([HttpTrigger] HttpRequest request) => Results.Ok();
                [Function("G")] public Task<Missing> G([HttpTrigger] Missing request, Missing other) => throw new Exception();
                [Function] public IResult H([HttpTrigger(1)] HttpRequest request) => Results.Ok();
            }
            """);

        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Generated);
    }

    [Fact]
    public void A_function_with_an_error_takes_no_code_from_the_others()
    {
        var run = GeneratorRun.Of("""
            public class C
            {
                [Function("Bad")] public IResult Bad() => Results.Ok();
                [Function("Good")] public IResult Good([HttpTrigger] HttpRequest request) => Results.Ok();
            }
            """);

        run.AssertOne("FUNC008", "Bad", "'Bad'");
        Assert.Contains("InvokeGood", run.Generated, StringComparison.Ordinal);
        Assert.DoesNotContain("InvokeBad", run.Generated, StringComparison.Ordinal);
    }

    private static GeneratorRun WithName(string expression) =>
        WithMethod($"[Function({expression})] public IResult Run([HttpTrigger] HttpRequest request) => Results.Ok();");

    private static GeneratorRun WithMethod(string members) => GeneratorRun.Of($"public class C {{ {members} }}");
}
