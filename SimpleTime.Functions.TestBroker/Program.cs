using SimpleTime.Functions.TestBroker;
using SimpleTime.Functions.Worker.Kafka.Embedded;

CommandLine commandLine;
try
{
    commandLine = CommandLine.Parse(args);
}
catch (FormatException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}

try
{
    using var broker = EmbeddedBroker.Start(new EmbeddedBrokerOptions { BrokerCount = commandLine.BrokerCount });
    foreach (var (topic, partitions) in commandLine.Topics)
    {
        broker.CreateTopic(topic, partitions);
    }

    await new CommandLoop(broker, Console.In, Console.Out).RunAsync();
    return 0;
}
catch (Exception e) when (e is ArgumentException or InvalidOperationException or PlatformNotSupportedException)
{
    await Console.Error.WriteLineAsync(e.Message.ReplaceLineEndings(" "));
    return 1;
}
