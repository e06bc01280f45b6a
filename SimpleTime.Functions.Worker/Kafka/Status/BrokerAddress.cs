using System.Globalization;

namespace SimpleTime.Functions.Worker.Kafka.Status;

/// <summary>Where a broker is. Immutable.</summary>
/// <param name="Host">Its name or address.</param>
/// <param name="Port">Its port.</param>
/// <param name="Id">Its id in the cluster; null when it is not known.</param>
internal sealed record BrokerAddress(string Host, int Port, int? Id = null)
{
    private const int DefaultPort = 9092;

    /// <summary>Reads a broker list: entries separated by commas, each with or without a protocol before it and a port behind it.</summary>
    public static IEnumerable<BrokerAddress> Parse(string brokerList) => brokerList
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(static entry => Uri.TryCreate(entry.Contains("://", StringComparison.Ordinal) ? entry : $"kafka://{entry}", UriKind.Absolute, out var uri)
            && uri.IdnHost.Length > 0
                ? new BrokerAddress(uri.IdnHost, uri.Port > 0 ? uri.Port : DefaultPort)
                : null)
        .OfType<BrokerAddress>();

    /// <summary>Returns how messages name the broker.</summary>
    public override string ToString()
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return Id is { } id
            ? string.Create(CultureInfo.InvariantCulture, $"broker {id} at {host}:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
    }
}
