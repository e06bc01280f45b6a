using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using SimpleTime.Functions.Worker.Kafka.Native;

namespace SimpleTime.Functions.Worker.Kafka.Embedded;

/// <summary>
/// A Kafka cluster inside this process, for development and tests only: the mock cluster of librdkafka, which speaks the
/// Kafka protocol on 127.0.0.1, at ports the system chooses. Measured with librdkafka 2.16.
/// <para>
/// Records live in memory. A partition keeps the last 5 MiB or 100 000 batches, whichever is less, and drops older ones
/// silently. A cluster started anew is empty and has other ports.
/// </para>
/// <para>
/// It differs from a real cluster: a batch that an idempotent producer sends again, its acknowledgement being lost, is in
/// the log twice (sequence numbers count only with a transactional id); after a member joined or left a group, the
/// partitions are handed out anew after the session timeout less 1 s, also to whoever comes after the last member.
/// CreateTopics, DeleteRecords, DescribeTopics and DescribeCluster requests are never answered; ListConsumerGroups and
/// DeleteGroups end the process.
/// </para>
/// Safe for use by several threads. After <see cref="Dispose"/> members throw <see cref="ObjectDisposedException"/>.
/// </summary>
internal sealed class EmbeddedBroker : IDisposable
{
    /// <summary>How many partitions a topic gets that a client names before <see cref="CreateTopic"/> does.</summary>
    public const int DefaultPartitionCount = 4;

    private const string Name = "embedded";
    private const int ErrorTextBytes = 512;

    private readonly LibrdkafkaHandle _client;
    private readonly MockClusterHandle _cluster;

    /// <summary>Returns whether a list of brokers asks for an embedded one.</summary>
    /// <param name="brokerList">The list, as it was set.</param>
    public static bool IsNamedBy(string brokerList) => string.Equals(brokerList, Name, StringComparison.OrdinalIgnoreCase);

    private EmbeddedBroker(LibrdkafkaHandle client, MockClusterHandle cluster)
    {
        _client = client;
        _cluster = cluster;
        BootstrapServers = Marshal.PtrToStringUTF8(MockNative.ClusterBootstraps(cluster))
            ?? throw new InvalidOperationException("The embedded broker has no address.");
    }

    /// <summary>Gets the addresses of the brokers, as <c>bootstrap.servers</c> takes them: <c>127.0.0.1:port</c>, comma-separated.</summary>
    public string BootstrapServers { get; }

    /// <summary>Starts a cluster. It listens when this returns.</summary>
    /// <param name="options">How it starts.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="PlatformNotSupportedException">This platform's librdkafka has no mock cluster.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is no librdkafka, or the cluster does not start, for instance for want of sockets.
    /// </exception>
    public static EmbeddedBroker Start(EmbeddedBrokerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BrokerCount, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.BrokerCount, EmbeddedBrokerOptions.MaxBrokerCount, nameof(options));
        var rebalanceDelayMs = ToMilliseconds(options.GroupInitialRebalanceDelay, nameof(options));

        LibrdkafkaLibrary.EnsureBound();
        LibrdkafkaHandle? client = null;
        MockClusterHandle? cluster = null;
        try
        {
            client = CreateClient();
            cluster = CreateCluster(client, options.BrokerCount);
            if (cluster.IsInvalid)
            {
                throw new InvalidOperationException("The embedded broker did not start: librdkafka made no mock cluster.");
            }

            cluster.KeepAlive(client);
            MockNative.SetGroupInitialRebalanceDelay(cluster, rebalanceDelayMs);
            return new EmbeddedBroker(client, cluster);
        }
        catch (Exception e)
        {
            cluster?.Dispose();
            client?.Dispose();
            if (e is EntryPointNotFoundException)
            {
                throw new PlatformNotSupportedException("This platform's librdkafka has no mock cluster: " + e.Message, e);
            }

            throw;
        }
    }

    /// <summary>Returns whether Kafka takes a name for a topic: 1 to 249 of <c>[A-Za-z0-9._-]</c>, and neither <c>.</c> nor <c>..</c>.</summary>
    /// <param name="name">The name.</param>
    public static bool IsTopicName(string name) =>
        name is { Length: > 0 and <= 249 } and not ("." or "..") && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>Creates a topic whose partitions are spread over the brokers.</summary>
    /// <param name="topic">Its name, see <see cref="IsTopicName"/>.</param>
    /// <param name="partitions">How many partitions, at least 1.</param>
    /// <exception cref="ArgumentException">An argument is not valid.</exception>
    /// <exception cref="InvalidOperationException">The topic exists, or librdkafka refused it.</exception>
    public void CreateTopic(string topic, int partitions)
    {
        ThrowIfNotTopicName(topic);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ThrowOnError(MockNative.TopicCreate(_cluster, topic, partitions, 1), $"The topic '{topic}' was not created");
    }

    /// <summary>Closes all connections and refuses new ones, keeping the ports. Records, groups and offsets stay.</summary>
    /// <remarks>
    /// Ends the process when another one has a copy of a broker's listening socket, as one that is just being forked has.
    /// </remarks>
    /// <exception cref="InvalidOperationException">librdkafka refused.</exception>
    public void SetDown() => ThrowOnError(MockNative.BrokerSetDown(_cluster, MockNative.AllBrokers), "The brokers were not set down");

    /// <summary>Accepts connections again, at the same ports.</summary>
    /// <exception cref="InvalidOperationException">librdkafka refused.</exception>
    public void SetUp() => ThrowOnError(MockNative.BrokerSetUp(_cluster, MockNative.AllBrokers), "The brokers were not set up");

    /// <summary>Answers the next requests of a kind with errors, one each, in this order, before any is carried out.</summary>
    /// <param name="apiKey">
    /// The kind of request by its number in the Kafka protocol, 0 or more: 0 Produce, 1 Fetch, 3 Metadata, 8 OffsetCommit.
    /// </param>
    /// <param name="errors">
    /// The protocol's error codes; -195, librdkafka's own for a broken transport, closes the connection in place of an answer.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="apiKey"/> is negative.</exception>
    public void PushRequestErrors(short apiKey, params ReadOnlySpan<int> errors)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(apiKey);
        if (!errors.IsEmpty)
        {
            MockNative.PushRequestErrors(_cluster, apiKey, (nuint)errors.Length, errors);
        }
    }

    /// <summary>Forgets the errors that <see cref="PushRequestErrors"/> queued for a kind of request.</summary>
    /// <param name="apiKey">The kind of request by its number in the Kafka protocol, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="apiKey"/> is negative.</exception>
    public void ClearRequestErrors(short apiKey)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(apiKey);
        MockNative.ClearRequestErrors(_cluster, apiKey);
    }

    /// <summary>Delays every answer from now on.</summary>
    /// <param name="delay">The delay: whole milliseconds, zero (none) or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative or longer than 24 days.</exception>
    /// <exception cref="InvalidOperationException">librdkafka refused.</exception>
    public void SetRoundTripTime(TimeSpan delay) => ThrowOnError(
        MockNative.BrokerSetRoundTripTime(_cluster, MockNative.AllBrokers, ToMilliseconds(delay, nameof(delay))),
        "The round-trip time was not set");

    /// <summary>Gives a partition another leader. The topic is created if it does not exist.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="partition">The partition, from 0.</param>
    /// <param name="brokerId">The broker, from 1; -1 leaves the partition without a leader.</param>
    /// <exception cref="ArgumentException">The topic's name is not valid.</exception>
    /// <exception cref="InvalidOperationException">There is no such partition or broker.</exception>
    public void SetPartitionLeader(string topic, int partition, int brokerId)
    {
        ThrowIfNotTopicName(topic);
        ThrowOnError(
            MockNative.PartitionSetLeader(_cluster, topic, partition, brokerId),
            $"Broker {brokerId} was not made the leader of partition {partition} of '{topic}'");
    }

    /// <summary>Stops the cluster, closes all connections and forgets all records.</summary>
    public void Dispose()
    {
        _cluster.Dispose();
        _client.Dispose();
    }

    private static LibrdkafkaHandle CreateClient()
    {
        var conf = MockNative.ConfNew();
        MockNative.ConfSetLogCallback(conf, 0);
        Span<byte> error = stackalloc byte[ErrorTextBytes];
        var client = MockNative.New(MockNative.Producer, conf, error, ErrorTextBytes);
        if (!client.IsInvalid)
        {
            return client;
        }

        MockNative.ConfDestroy(conf);
        var length = error.IndexOf((byte)0);
        throw new InvalidOperationException("The embedded broker did not start: " + Encoding.UTF8.GetString(error[..Math.Max(length, 0)]));
    }

    private static MockClusterHandle CreateCluster(LibrdkafkaHandle client, int brokerCount)
    {
        // The cluster's thread takes an interrupted poll(2) for the end. .NET handles SIGCONT, SIGTERM and others, and the
        // system may deliver any of them to that thread: the cluster would be gone, and the process none the wiser.
        using var blocked = BlockedSignals.Enter();
        return MockNative.ClusterNew(client, brokerCount);
    }

    private static int ToMilliseconds(TimeSpan value, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.TotalMilliseconds, int.MaxValue, parameter);
        return (int)value.TotalMilliseconds;
    }

    private static void ThrowIfNotTopicName(string topic)
    {
        ArgumentNullException.ThrowIfNull(topic);
        if (!IsTopicName(topic))
        {
            throw new ArgumentException($"'{topic}' is not a topic name: 1 to 249 of [A-Za-z0-9._-].", nameof(topic));
        }
    }

    private static void ThrowOnError(int code, string what)
    {
        if (code != 0)
        {
            throw new InvalidOperationException(what + ": " + new Error((ErrorCode)code).Reason + ".");
        }
    }
}
