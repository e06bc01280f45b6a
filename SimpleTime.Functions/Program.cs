using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions;
using SimpleTime.Functions.DeadLetters;
using SimpleTime.Functions.Events;
using SimpleTime.Functions.Refused;

switch (args)
{
    case [DeadLetterCommand.Name, .. var rest]:
        return await DeadLetterCommand.RunAsync(rest);
    case [RefusedCommand.Name, .. var rest]:
        return await RefusedCommand.RunAsync(rest);
}

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddSimpleTime(builder.Configuration);
builder.AddHostServices();
builder.UseMiddleware<ErrorMiddleware>();
builder.Build().Run();
return Environment.ExitCode;
