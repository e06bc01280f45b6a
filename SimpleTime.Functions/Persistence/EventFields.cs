using System.Text.Json;

namespace SimpleTime.Functions.Persistence;

/// <summary>The fields of an event's data. One that is absent or null reads as null.</summary>
/// <param name="data">The object; undefined when the event has no data.</param>
internal struct EventFields(JsonElement data)
{
    /// <summary>Gets what is wrong with a field read so far; null when nothing is.</summary>
    public string? Problem { get; private set; }

    public string? Text(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : Wrong<string>(name, "a string");
    }

    public long? Integer(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : Wrong<long?>(name, "an integer");
    }

    public double? Real(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        // A number too large for a double reads as infinity, which SQLite would keep as such.
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : Wrong<double?>(name, "a number");
    }

    private readonly JsonElement? Find(string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    private T? Wrong<T>(string name, string expected)
    {
        Problem ??= $"data.{name} is not {expected}.";
        return default;
    }
}
