using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions;
using SimpleTime.Functions.DeadLetters;
using SimpleTime.Functions.Events;

if (args is [ReplayCommand.Name, .. var replayArgs])
{
    return await ReplayCommand.RunAsync(replayArgs);
}

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddSimpleTime(builder.Configuration);
builder.AddHostServices();
builder.UseMiddleware<ErrorMiddleware>();
builder.Build().Run();
return Environment.ExitCode;
