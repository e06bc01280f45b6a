using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>Does to a cluster what an operator may do, through its plain listener. Safe for use by several threads.</summary>
internal sealed class KafkaAdmin : IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(60);

    private readonly int _nodes;
    private readonly Lazy<IAdminClient> _client;

    /// <param name="bootstrapServers">The addresses of the plain listeners.</param>
    /// <param name="nodes">How many nodes there are.</param>
    public KafkaAdmin(string bootstrapServers, int nodes)
    {
        _nodes = nodes;
        var config = new AdminClientConfig { BootstrapServers = bootstrapServers, ReconnectBackoffMaxMs = 200 };
        _client = new(() => new AdminClientBuilder(config).SetLogHandler((_, _) => { }).Build());
    }

    /// <summary>Makes a topic that has a replica on each node, and waits until all its partitions have leaders and all replicas.</summary>
    /// <param name="topic">Its name.</param>
    /// <param name="partitions">How many partitions it has.</param>
    /// <param name="settings">Its own settings, such as <c>retention.ms</c>.</param>
    public async Task CreateTopicAsync(string topic, int partitions, params (string Name, string Value)[] settings)
    {
        await _client.Value.CreateTopicsAsync([new TopicSpecification
        {
            Name = topic,
            NumPartitions = partitions,
            ReplicationFactor = (short)_nodes,
            Configs = settings.ToDictionary(setting => setting.Name, setting => setting.Value),
        }]);
        await IsInSyncAsync(topic, partitions);
    }

    /// <summary>Deletes a topic, and waits until the brokers no longer name it.</summary>
    public async Task DeleteTopicAsync(string topic)
    {
        await _client.Value.DeleteTopicsAsync([topic]);
        await Eventually.BecomesTrueAsync(
            () => Task.Run(() => !_client.Value.GetMetadata(_timeout).Topics.Exists(t => t.Topic == topic)), _timeout);
    }

    /// <summary>Changes a setting of a topic.</summary>
    public Task SetTopicAsync(string topic, string name, string value) => SetAsync(ResourceType.Topic, topic, name, value);

    /// <summary>Returns the settings that a topic has of its own.</summary>
    public async Task<IReadOnlyDictionary<string, string>> TopicSettingsAsync(string topic)
    {
        var result = await _client.Value.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = topic }]);
        return result.Single().Entries.Where(entry => entry.Value.Source == ConfigSource.DynamicTopicConfig)
            .ToDictionary(entry => entry.Key, entry => entry.Value.Value);
    }

    /// <summary>Changes a setting of a node that runs, one of those that Kafka calls dynamic.</summary>
    public Task SetNodeAsync(KafkaNode node, string name, string value) =>
        SetAsync(ResourceType.Broker, node.Id.ToString(CultureInfo.InvariantCulture), name, value);

    /// <summary>Adds partitions to a topic, and waits until they have leaders.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partitions">How many it has then.</param>
    public async Task AddPartitionsAsync(string topic, int partitions)
    {
        await _client.Value.CreatePartitionsAsync([new PartitionsSpecification { Topic = topic, IncreaseTo = partitions }]);
        await IsInSyncAsync(topic, partitions);
    }

    /// <summary>Waits until each partition of a topic has a leader and all its replicas, as after the start of a node.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partitions">How many partitions it has.</param>
    public Task IsInSyncAsync(string topic, int partitions) => Eventually.BecomesTrueAsync(
        () => Task.Run(() => _client.Value.GetMetadata(topic, _timeout).Topics.Single().Partitions is var found
            && found.Count == partitions && found.TrueForAll(p => p.Leader >= 0 && p.InSyncReplicas.Length == _nodes)),
        _timeout);

    /// <summary>Deletes the records of a partition before an offset, which becomes its first.</summary>
    public Task DeleteRecordsAsync(string topic, int partition, long before) =>
        _client.Value.DeleteRecordsAsync([new TopicPartitionOffset(topic, partition, before)]);

    /// <summary>Returns the first offset of a partition and the end, behind records of open transactions too.</summary>
    public Task<(long First, long End)> OffsetsAsync(string topic, int partition) => Eventually.MeetsAsync(
        async () =>
        {
            // A broker that has just become the leader may not know it for a moment.
            var at = new TopicPartition(topic, partition);
            return (await OffsetAsync(at, OffsetSpec.Earliest()), await OffsetAsync(at, OffsetSpec.Latest()));
        },
        _ => true,
        _timeout);

    /// <summary>Sets what a group has committed; it must have no member. The first group of a cluster waits for its coordinator.</summary>
    public Task SetGroupOffsetsAsync(string group, params TopicPartitionOffset[] offsets) => Eventually.EqualsAsync(
        "",
        async () =>
        {
            try
            {
                await _client.Value.AlterConsumerGroupOffsetsAsync([new(group, [.. offsets])]);
                return "";
            }
            catch (AlterConsumerGroupOffsetsException e)
            {
                return string.Join(", ", e.Results.SelectMany(result => result.Partitions.Select(p => p.Error).Prepend(result.Error)));
            }
        },
        _timeout);

    /// <summary>Returns the number of the node that coordinates a group, which need not have a member yet.</summary>
    public async Task<int> CoordinatorAsync(string group)
    {
        var coordinator = await Eventually.MeetsAsync(
            async () => (await _client.Value.DescribeConsumerGroupsAsync([group])).ConsumerGroupDescriptions.Single().Coordinator.Id,
            id => id > 0,
            _timeout);
        return coordinator;
    }

    /// <summary>Allows a user an operation on a topic or a group. Brokers may take a moment to know it.</summary>
    /// <param name="user">The user.</param>
    /// <param name="type">What the resource is.</param>
    /// <param name="name">The resource's name; <c>*</c> for all.</param>
    /// <param name="operation">The operation.</param>
    public Task AllowAsync(string user, ResourceType type, string name, AclOperation operation = AclOperation.All) =>
        _client.Value.CreateAclsAsync([new AclBinding
        {
            Pattern = new ResourcePattern { Type = type, Name = name, ResourcePatternType = ResourcePatternType.Literal },
            Entry = new AccessControlEntry
            {
                Principal = "User:" + user,
                Host = "*",
                Operation = operation,
                PermissionType = AclPermissionType.Allow,
            },
        }]);

    /// <summary>Takes back what <see cref="AllowAsync"/> gave. Brokers may take a moment to know it.</summary>
    public Task ForbidAsync(string user, ResourceType type, string name, AclOperation operation = AclOperation.All) =>
        _client.Value.DeleteAclsAsync([new AclBindingFilter
        {
            PatternFilter = new ResourcePatternFilter { Type = type, Name = name, ResourcePatternType = ResourcePatternType.Literal },
            EntryFilter = new AccessControlEntryFilter
            {
                Principal = "User:" + user,
                Operation = operation,
                PermissionType = AclPermissionType.Allow,
            },
        }]);

    /// <summary>Adds users that can authenticate with either kind of SCRAM, and waits until a broker knows them.</summary>
    /// <param name="users">The password of each.</param>
    public async Task AddUsersAsync(IReadOnlyDictionary<string, string> users)
    {
        if (users.Count == 0)
        {
            return;
        }

        // A request takes a user once.
        ScramMechanism[] mechanisms = [ScramMechanism.ScramSha256, ScramMechanism.ScramSha512];
        foreach (var mechanism in mechanisms)
        {
            await _client.Value.AlterUserScramCredentialsAsync(users.Select(user => new UserScramCredentialUpsertion
            {
                User = user.Key,
                Password = Encoding.UTF8.GetBytes(user.Value),
                Salt = RandomNumberGenerator.GetBytes(16),
                ScramCredentialInfo = new ScramCredentialInfo { Mechanism = mechanism, Iterations = 4096 },
            }));
        }

        await Eventually.BecomesTrueAsync(
            async () => (await _client.Value.DescribeUserScramCredentialsAsync(users.Keys)).UserScramCredentialsDescriptions
                .TrueForAll(user => user.ScramCredentialInfos.Count == mechanisms.Length),
            _timeout);
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private async Task SetAsync(ResourceType type, string resource, string name, string value) => await _client.Value.IncrementalAlterConfigsAsync(new()
    {
        [new ConfigResource { Type = type, Name = resource }] =
            [new ConfigEntry { Name = name, Value = value, IncrementalOperation = AlterConfigOpType.Set }],
    });

    private async Task<long> OffsetAsync(TopicPartition partition, OffsetSpec spec) =>
        (await _client.Value.ListOffsetsAsync([new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = spec }]))
            .ResultInfos.Single().TopicPartitionOffsetError.Offset.Value;
}
