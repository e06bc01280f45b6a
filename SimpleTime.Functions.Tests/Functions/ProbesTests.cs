using Microsoft.Extensions.Hosting;
using NSubstitute;
using SimpleTime.Functions.Functions;
using SimpleTime.Functions.Tests.Requests;
using Xunit;

namespace SimpleTime.Functions.Tests.Functions;

public sealed class ProbesTests
{
    [Fact]
    public void A_live_process_is_healthy()
    {
        var answer = new Healthz().Run(TestRequest.Get("/healthz"));

        Assert.Equal(200, answer.Status());
        Assert.Equal("""{"status":"healthy"}""", answer.Text());
    }

    [Theory]
    [InlineData(false, 200, """{"status":"ready"}""")]
    [InlineData(true, 503, """{"status":"draining"}""")]
    public void A_process_is_ready_until_it_drains(bool isDraining, int status, string body)
    {
        var lifetime = Substitute.For<IHostApplicationLifetime>();
        lifetime.ApplicationStopping.Returns(new CancellationToken(canceled: isDraining));

        var answer = new Readyz(lifetime).Run(TestRequest.Get("/readyz"));

        Assert.Equal(status, answer.Status());
        Assert.Equal(body, answer.Text());
    }
}
