using Confluent.Kafka;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>
/// A transaction that writes to topics. One that is disposed before its end is left hanging: readers of committed records wait
/// behind its first record for 15 minutes.
/// </summary>
internal sealed class TopicTransaction : IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(30);

    private readonly IProducer<string?, string> _producer;

    private TopicTransaction(string bootstrapServers)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = bootstrapServers,
            TransactionalId = $"tests-{Guid.NewGuid():N}",
            TransactionTimeoutMs = 900_000,
            LingerMs = 0,
        };
        _producer = new ProducerBuilder<string?, string>(config).SetLogHandler((_, _) => { }).Build();
    }

    /// <summary>Begins a transaction.</summary>
    public static Task<TopicTransaction> BeginAsync(string bootstrapServers) => Task.Run(() =>
    {
        var transaction = new TopicTransaction(bootstrapServers);
        try
        {
            transaction._producer.InitTransactions(_timeout);
            transaction._producer.BeginTransaction();
            return transaction;
        }
        catch
        {
            transaction.Dispose();
            throw;
        }
    });

    /// <summary>Appends records to a partition, and waits until they are there.</summary>
    public Task WriteAsync(TopicPartition partition, params IEnumerable<string> values) => Task
        .WhenAll(values.Select(value => _producer.ProduceAsync(partition, new Message<string?, string> { Value = value })))
        .WaitAsync(_timeout);

    /// <summary>Commits the transaction, which takes an offset of each partition that it wrote to.</summary>
    public Task CommitAsync() => Task.Run(() => _producer.CommitTransaction(_timeout));

    /// <summary>Aborts the transaction, which takes an offset of each partition that it wrote to.</summary>
    public Task AbortAsync() => Task.Run(() => _producer.AbortTransaction(_timeout));

    public void Dispose() => _producer.Dispose();
}
