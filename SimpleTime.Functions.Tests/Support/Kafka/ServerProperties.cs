using System.Globalization;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>Makes the <c>server.properties</c> of a node.</summary>
internal static class ServerProperties
{
    /// <summary>Returns the file's text.</summary>
    /// <param name="options">What the test wants.</param>
    /// <param name="nodes">The ports of all nodes; a node's number is its place, from 1.</param>
    /// <param name="id">The node's number.</param>
    /// <param name="data">The folder of its data.</param>
    /// <param name="proxy">The port of the node's proxy; null where it has none.</param>
    /// <param name="keyStore">A PEM file with the certificate and its key; null without TLS.</param>
    /// <param name="authority">A PEM file with the authority of clients' certificates.</param>
    /// <param name="tokenKeys">A file with the keys of tokens.</param>
    public static string Of(
        KafkaClusterOptions options, IReadOnlyList<NodePorts> nodes, int id, string data, int? proxy = null, string? keyStore = null, string authority = "",
        string tokenKeys = "")
    {
        var ports = nodes[id - 1];
        var listeners = $"PLAIN://127.0.0.1:{ports.Plain}";
        var protocols = "PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT";
        if (options.SecurityProtocol is { } protocol)
        {
            listeners += $",SECURE://127.0.0.1:{ports.Secure}";
            protocols += $",SECURE:{protocol}";
        }

        var advertised = listeners;
        if (proxy is not null)
        {
            listeners += $",PROXIED://127.0.0.1:{ports.Proxied}";
            advertised += $",PROXIED://127.0.0.1:{proxy}";
            protocols += ",PROXIED:PLAINTEXT";
        }

        var replicas = nodes.Count.ToString(CultureInfo.InvariantCulture);
        var quorum = (nodes.Count / 2 + 1).ToString(CultureInfo.InvariantCulture);
        var properties = new Dictionary<string, string>
        {
            ["process.roles"] = "broker,controller",
            ["node.id"] = id.ToString(CultureInfo.InvariantCulture),
            ["controller.quorum.voters"] = string.Join(',', nodes.Select((node, i) => $"{i + 1}@127.0.0.1:{node.Controller}")),
            ["controller.listener.names"] = "CONTROLLER",
            ["inter.broker.listener.name"] = "PLAIN",
            ["listeners"] = $"{listeners},CONTROLLER://127.0.0.1:{ports.Controller}",
            ["advertised.listeners"] = advertised,
            ["listener.security.protocol.map"] = protocols,
            ["log.dirs"] = data,
            ["auto.create.topics.enable"] = "false",
            ["default.replication.factor"] = replicas,
            ["min.insync.replicas"] = quorum,
            ["offsets.topic.replication.factor"] = replicas,
            ["transaction.state.log.replication.factor"] = replicas,
            ["transaction.state.log.min.isr"] = quorum,
            // Of 50 each, the first client of a group or of a transaction would wait for seconds.
            ["offsets.topic.num.partitions"] = "1",
            ["transaction.state.log.num.partitions"] = "1",
            ["group.initial.rebalance.delay.ms"] = "0",
            // For so long the controller takes a killed broker for one that runs, and does not register its successor.
            ["broker.session.timeout.ms"] = "3000",
            ["broker.heartbeat.interval.ms"] = "500",
        };
        AddSecurity(options, properties, keyStore, authority, tokenKeys);
        foreach (var (name, value) in options.Properties)
        {
            properties[name] = value;
        }

        return string.Concat(properties.Select(property => $"{property.Key}={property.Value}\n"));
    }

    private static void AddSecurity(KafkaClusterOptions options, Dictionary<string, string> properties, string? keyStore, string authority, string tokenKeys)
    {
        if (keyStore is not null)
        {
            properties["listener.name.secure.ssl.keystore.type"] = "PEM";
            properties["listener.name.secure.ssl.keystore.location"] = keyStore;
        }

        if (options.WantsClientCertificate)
        {
            properties["listener.name.secure.ssl.client.auth"] = "required";
            properties["listener.name.secure.ssl.truststore.type"] = "PEM";
            properties["listener.name.secure.ssl.truststore.location"] = authority;
        }

        if (options.TokenKeys is not null)
        {
            const string OAuth = "org.apache.kafka.common.security.oauthbearer.OAuthBearer";
            properties["listener.name.secure.sasl.enabled.mechanisms"] = "OAUTHBEARER";
            properties["listener.name.secure.oauthbearer.sasl.jaas.config"] = $"{OAuth}LoginModule required;";
            properties["listener.name.secure.oauthbearer.sasl.server.callback.handler.class"] = $"{OAuth}ValidatorCallbackHandler";
            properties["listener.name.secure.sasl.oauthbearer.jwks.endpoint.url"] = $"file://{tokenKeys}";
            properties["listener.name.secure.sasl.oauthbearer.expected.audience"] = TokenEndpoint.Audience;
        }

        if (options.Users.Count > 0)
        {
            properties["sasl.enabled.mechanisms"] = "SCRAM-SHA-256,SCRAM-SHA-512";
            foreach (var mechanism in (string[])["scram-sha-256", "scram-sha-512"])
            {
                properties[$"listener.name.secure.{mechanism}.sasl.jaas.config"] =
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;";
            }
        }

        if (options.HasAuthorizer)
        {
            properties["authorizer.class.name"] = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
            properties["super.users"] = "User:ANONYMOUS";
        }
    }
}
