using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using SimpleTime.Functions;
using SimpleTime.Functions.Events;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddSimpleTime(builder.Configuration);
builder.AddHostServices();
builder.UseMiddleware<ErrorMiddleware>();
builder.Build().Run();
