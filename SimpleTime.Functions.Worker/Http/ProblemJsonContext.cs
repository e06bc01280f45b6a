using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace SimpleTime.Functions.Worker.Http;

[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class ProblemJsonContext : JsonSerializerContext;
