using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Confluent.Kafka;

namespace SimpleTime.Functions.Tests.Support.Kafka;

/// <summary>
/// Apache Kafka on free ports of 127.0.0.1, its data in a folder of its own. Disposal ends its processes and deletes the folder.
/// </summary>
/// <remarks>
/// Each node has a plain listener for the tests' own clients, and with TLS or users a secure one for the service. A node starts in
/// 3 s and takes 350 MB on a machine that does nothing else: tests that need nothing but a topic share <see cref="SharedKafka"/>.
/// </remarks>
internal sealed class KafkaCluster : IAsyncDisposable
{
    private const int Attempts = 5;

    private readonly TempFolder _folder = new();
    private readonly KafkaClusterOptions _options;
    private readonly NodePorts[] _ports;
    private readonly TestAuthority _authority = new();

    private KafkaCluster(KafkaClusterOptions options)
    {
        _options = options;
        _ports = [.. Enumerable.Range(0, options.Nodes).Select(_ => NodePorts.Choose())];
        Nodes = [.. _ports.Select((ports, i) => new KafkaNode(
            i + 1, $"127.0.0.1:{ports.Plain}", _folder.Combine($"{i + 1}.properties"), options.TokenKeys is null ? null : TokenKeysFile))];
        Proxies = options.HasProxies ? [.. _ports.Select(ports => new TcpProxy(ports.Proxied))] : [];
        BootstrapServers = string.Join(',', Nodes.Select(node => node.Address));
        Admin = new KafkaAdmin(BootstrapServers, options.Nodes);
    }

    /// <summary>The nodes, in the order of their numbers.</summary>
    public IReadOnlyList<KafkaNode> Nodes { get; }

    /// <summary>The one node.</summary>
    /// <exception cref="InvalidOperationException">There are several.</exception>
    public KafkaNode Node => Nodes.Single();

    /// <summary>What clients of <see cref="ProxiedBootstrapServers"/> reach the nodes through, in the order of their numbers.</summary>
    public IReadOnlyList<TcpProxy> Proxies { get; }

    /// <summary>The addresses of the proxies.</summary>
    public string ProxiedBootstrapServers => string.Join(',', Proxies.Select(proxy => $"127.0.0.1:{proxy.Port}"));

    /// <summary>The addresses of the plain listeners, as <c>bootstrap.servers</c> takes them.</summary>
    public string BootstrapServers { get; }

    /// <summary>The addresses of the secure listeners, for clients with TLS, a user, or both.</summary>
    public string SecureBootstrapServers => string.Join(',', _ports.Select(ports => $"127.0.0.1:{ports.Secure}"));

    /// <summary>Makes topics, rights and offsets.</summary>
    public KafkaAdmin Admin { get; }

    private string AuthorityFile => _folder.Combine("ca.pem");

    private string TokenKeysFile => _folder.Combine("keys.json");

    private string KeyStore => _folder.Combine("broker.pem");

    private string ExpiredKeyStore => _folder.Combine("expired.pem");

    /// <summary>Starts a cluster and waits until all its nodes are brokers.</summary>
    /// <param name="options">What it has; one plain node when null.</param>
    /// <exception cref="InvalidOperationException">A node ended. The message shows what it wrote.</exception>
    /// <exception cref="TimeoutException">A node is not ready in time. The message shows what it wrote.</exception>
    public static async Task<KafkaCluster> StartAsync(KafkaClusterOptions? options = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var cluster = new KafkaCluster(options ?? new KafkaClusterOptions());
            try
            {
                await cluster.MakeFilesAsync();
                await Task.WhenAll(cluster.Nodes.Select(node => node.StartAsync()));
                await cluster.Admin.AddUsersAsync(cluster._options.Users);
                return cluster;
            }
            catch (SocketException) when (attempt < Attempts)
            {
                await cluster.DisposeAsync();
            }
            catch
            {
                await cluster.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Returns the service's settings with which it uses the secure listener.</summary>
    /// <param name="user">One of the users; null where there are none.</param>
    /// <param name="mechanism">How the user authenticates.</param>
    public (string Name, string? Value)[] SecuritySettings(string? user = null, string mechanism = "SCRAM-SHA-512")
    {
        List<(string, string?)> settings = [
            ("KAFKA_BROKERS", SecureBootstrapServers), ("KAFKA_SECURITY_PROTOCOL", _options.SecurityProtocol)];
        if (user is not null)
        {
            settings.AddRange([
                ("KAFKA_SASL_MECHANISM", mechanism), ("KAFKA_SASL_USERNAME", user), ("KAFKA_SASL_PASSWORD", _options.Users[user])]);
        }

        if (_options.HasTls)
        {
            settings.Add(("KAFKA_SSL_CA_LOCATION", AuthorityFile));
        }

        return [.. settings];
    }

    /// <summary>
    /// Damages the value of a record on a node's disk, as a bad disk does; its checksum stays. The node must not run.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="partition">The partition, which has one segment.</param>
    /// <param name="value">The value, which occurs once.</param>
    /// <exception cref="InvalidOperationException">There is no such value.</exception>
    public async Task DamageAsync(KafkaNode node, TopicPartition partition, string value)
    {
        var path = Path.Combine(Data(node.Id), $"{partition.Topic}-{partition.Partition.Value}", $"{0:D20}.log");
        var segment = await File.ReadAllBytesAsync(path);
        var at = segment.AsSpan().IndexOf(Encoding.UTF8.GetBytes(value));
        if (at < 0)
        {
            throw new InvalidOperationException($"{path} does not hold {value}.");
        }

        segment[at] ^= 1;
        await File.WriteAllBytesAsync(path, segment);
    }

    /// <summary>Gives a node that runs another certificate, which new connections of its secure listener get.</summary>
    /// <param name="node">The node.</param>
    /// <param name="isExpired">Whether it gets one that expired an hour ago, or the one that it had at first.</param>
    public Task ChangeCertificateAsync(KafkaNode node, bool isExpired) =>
        Admin.SetNodeAsync(node, "listener.name.secure.ssl.keystore.location", isExpired ? ExpiredKeyStore : KeyStore);

    /// <summary>Writes a certificate of the cluster's authority, and its key, each file at once.</summary>
    /// <param name="user">Whose it is, as a common name.</param>
    /// <param name="certificatePath">The file of the certificate.</param>
    /// <param name="keyPath">The file of the key.</param>
    public async Task WriteClientCertificateAsync(string user, string certificatePath, string keyPath)
    {
        using var certificate = _authority.Issue(subject: user);
        using var key = certificate.GetECDsaPrivateKey();
        foreach (var (path, text) in ((string, string)[])[(certificatePath, certificate.ExportCertificatePem()), (keyPath, key!.ExportPkcs8PrivateKeyPem())])
        {
            await File.WriteAllTextAsync(path + ".new", text);
            File.Move(path + ".new", path, overwrite: true);
        }
    }

    /// <summary>Ends all processes at once and deletes their data.</summary>
    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        foreach (var proxy in Proxies)
        {
            await proxy.DisposeAsync();
        }

        await Task.WhenAll(Nodes.Select(node => node.DisposeAsync().AsTask()));
        _authority.Dispose();
        _folder.Dispose();
    }

    private string Data(int node) => _folder.Combine($"data-{node}");

    private async Task MakeFilesAsync()
    {
        if (_options.HasTls)
        {
            await MakeCertificatesAsync();
        }

        await File.WriteAllTextAsync(TokenKeysFile, _options.TokenKeys);
        var clusterId = NodeStorage.NewId();
        foreach (var node in Nodes)
        {
            var data = Data(node.Id);
            await NodeStorage.FormatAsync(data, clusterId, node.Id);
            await File.WriteAllTextAsync(
                _folder.Combine($"{node.Id}.properties"), ServerProperties.Of(_options, _ports, node.Id, data, Proxies.ElementAtOrDefault(node.Id - 1)?.Port, _options.HasTls ? KeyStore : null, AuthorityFile, TokenKeysFile));
        }
    }

    private async Task MakeCertificatesAsync()
    {
        await File.WriteAllTextAsync(AuthorityFile, _authority.Pem);
        foreach (var (path, end) in ((string, TimeSpan)[])[(KeyStore, TimeSpan.FromDays(1)), (ExpiredKeyStore, TimeSpan.FromHours(-1))])
        {
            using var certificate = _authority.Issue(end: end);
            using var key = certificate.GetECDsaPrivateKey();
            await File.WriteAllTextAsync(path, $"{key!.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");
        }
    }
}
