using SimpleTime.Functions.Tests.Support;
using Xunit;

namespace SimpleTime.Functions.Tests.Folders;

public sealed class NamespaceGraphTests
{
    [Theory]
    [InlineData("SimpleTime.Functions")]
    [InlineData("SimpleTime.Functions.Worker")]
    public void No_folders_use_each_other(string assembly)
    {
        var circle = NamespaceGraph.Of(assembly).FindCircle();

        Assert.True(circle is null, circle);
    }

    [Theory]
    [InlineData("SimpleTime.Functions", "%% the folders of the app")]
    [InlineData("SimpleTime.Functions.Worker", "%% the folders of the worker")]
    public void The_pictures_of_the_folders_show_what_is(string assembly, string title)
    {
        var picture = Repository.Read("ARCHITECTURE.md").Split("```").Single(block => block.Contains(title, StringComparison.Ordinal));

        var shown = string.Join('\n', picture.Split('\n').Select(line => line.Trim()).Where(line => line.Contains("-->", StringComparison.Ordinal)));
        var actual = string.Join('\n', NamespaceGraph.Of(assembly).Lines);

        Assert.True(actual == shown, "ARCHITECTURE.md should show:\n" + actual);
    }

    [Fact]
    public void A_circle_is_found_and_what_others_imply_is_left_out()
    {
        var straight = new NamespaceGraph([("X.A.T", "X.B.T"), ("X.B.T", "X.C.D.T"), ("X.A.T", "X.C.D.T"), ("X.T", "X.A.T"), ("Y.T", "X.A.T")], "X");
        Assert.Null(straight.FindCircle());
        Assert.Equal(["A --> B", "B --> C.D"], straight.Lines);

        var circle = new NamespaceGraph([("X.A.T", "X.B.T"), ("X.B.T", "X.C.T"), ("X.C.T", "X.A.U")], "X");
        Assert.Equal("X.A.T --> X.B.T\nX.B.T --> X.C.T\nX.C.T --> X.A.U", circle.FindCircle());
    }
}
