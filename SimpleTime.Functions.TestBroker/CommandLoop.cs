using System.Globalization;
using System.Numerics;
using SimpleTime.Functions.Worker.Kafka.Embedded;

namespace SimpleTime.Functions.TestBroker;

/// <summary>
/// Obeys commands, one a line, until <c>quit</c> or the end of the input, and answers each with a line: <c>OK</c>, or
/// <c>ERROR</c> and the reason. Its first line is <c>BOOTSTRAP</c> and the address.
/// </summary>
/// <param name="broker">The broker that the commands are for.</param>
/// <param name="input">Where the commands come from.</param>
/// <param name="output">Where the answers go.</param>
internal sealed class CommandLoop(EmbeddedBroker broker, TextReader input, TextWriter output)
{
    private const string Usage = "Commands: down, up, rtt MS, errors APIKEY CODE..., leader TOPIC PARTITION BROKER, quit.";

    /// <summary>Obeys commands until <c>quit</c> or the end of the input.</summary>
    public async Task RunAsync()
    {
        await WriteAsync("BOOTSTRAP " + broker.BootstrapServers);
        while (await input.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words is ["quit"])
            {
                await WriteAsync("OK");
                return;
            }

            await WriteAsync(Answer(words));
        }
    }

    private static T Parse<T>(string word, string what)
        where T : INumber<T> =>
        T.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new FormatException($"'{word}' is not {what}.");

    private string Answer(string[] words)
    {
        try
        {
            Execute(words);
            return "OK";
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            return "ERROR " + e.Message.ReplaceLineEndings(" ");
        }
    }

    private void Execute(string[] words)
    {
        switch (words)
        {
            case ["down"]:
                broker.SetDown();
                break;
            case ["up"]:
                broker.SetUp();
                break;
            case ["rtt", var milliseconds]:
                broker.SetRoundTripTime(TimeSpan.FromMilliseconds(Parse<int>(milliseconds, "a number of milliseconds")));
                break;
            case ["leader", var topic, var partition, var brokerId]:
                broker.SetPartitionLeader(topic, Parse<int>(partition, "a partition"), Parse<int>(brokerId, "a broker's id"));
                break;
            case ["errors", var apiKey, _, ..]:
                broker.PushRequestErrors(
                    Parse<short>(apiKey, "an API key"),
                    Array.ConvertAll(words[2..], code => (int)Parse<short>(code, "an error code")));
                break;
            default:
                throw new FormatException($"Unknown command '{string.Join(' ', words)}'. {Usage}");
        }
    }

    private async Task WriteAsync(string line)
    {
        await output.WriteLineAsync(line);
        await output.FlushAsync();
    }
}
