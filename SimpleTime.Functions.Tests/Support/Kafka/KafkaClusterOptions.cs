namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>What a test wants of its Kafka cluster.</summary>
internal sealed record KafkaClusterOptions
{
    /// <summary>How many nodes there are, each a broker and a controller.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>The password of each user that can authenticate with SCRAM-SHA-256 or SCRAM-SHA-512 on the secure listener.</summary>
    public IReadOnlyDictionary<string, string> Users { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the secure listener speaks TLS.</summary>
    public bool HasTls { get; init; }

    /// <summary>Whether the secure listener, which then has no users, takes only clients that show a certificate of the cluster's authority.</summary>
    public bool WantsClientCertificate { get; init; }

    /// <summary>The keys of the tokens that clients of the secure listener, which then has no users, authenticate with; null for none.</summary>
    public string? TokenKeys { get; init; }

    /// <summary>
    /// Whether a user may do only what an ACL allows. Clients without a user, on either listener, may do everything.
    /// </summary>
    public bool HasAuthorizer { get; init; }

    /// <summary>Whether each node has a listener that clients reach through a proxy.</summary>
    public bool HasProxies { get; init; }

    /// <summary>Server properties, in place of those of <see cref="ServerProperties"/> or beside them.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The security protocol of the secure listener, as <c>KAFKA_SECURITY_PROTOCOL</c> takes it; null where there is none.
    /// </summary>
    public string? SecurityProtocol => (Users.Count > 0 || TokenKeys is not null, HasTls) switch
    {
        (true, true) => "SASL_SSL",
        (true, false) => "SASL_PLAINTEXT",
        (false, true) => "SSL",
        _ => null,
    };
}
