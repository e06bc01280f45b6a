using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions;
using SimpleTime.Functions.DeadLetters;
using SimpleTime.Functions.Diagnostics;
using SimpleTime.Functions.Failures;
using SimpleTime.Functions.Healthcheck;
using SimpleTime.Functions.Refused;

switch (args)
{
    case [DeadLetterCommand.Name, .. var rest]:
        return await DeadLetterCommand.RunAsync(rest);
    case [RefusedCommand.Name, .. var rest]:
        return await RefusedCommand.RunAsync(rest);
    case [HealthcheckCommand.Name, .. var rest]:
        return await HealthcheckCommand.RunAsync(rest);
    case var _ when args.Contains("--help") || args.Contains("-h"):
        Console.Out.WriteLine(HelpText.Text);
        return 0;
    case var _ when args.Contains("--version"):
        Console.Out.WriteLine(BuildInfo.Text);
        return 0;
}

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddSimpleTime(builder.Configuration);
builder.AddHostServices();
builder.UseMiddleware<ErrorMiddleware>();
builder.Build().Run();
return Environment.ExitCode;
