using System.Text.Json.Serialization;

namespace SimpleTime.Functions.Events;

/// <summary>The JSON of events as they are sent to Kafka.</summary>
[JsonSerializable(typeof(ServiceEvent))]
[JsonSerializable(typeof(ServiceEvent[]))]
internal sealed partial class EventJsonContext : JsonSerializerContext;
