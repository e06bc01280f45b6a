using System.Net;
using System.Net.Sockets;
using SimpleTime.Functions.Tests.Support;
using SimpleTime.Functions.Worker.Kafka.Embedded;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Embedded;

/// <summary>The ports of brokers that are down.</summary>
public sealed class PortReservationTests
{
    [PortRangeFact]
    public async Task A_port_that_is_kept_is_given_to_nobody_and_may_be_listened_at()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        var address = (IPEndPoint)first.LocalEndpoint;
        Assert.Throws<SocketException>(() => new PortReservation(address.ToString()));
        first.Stop();

        using (new PortReservation(address.ToString()))
        {
            Assert.Equal(SocketError.AddressAlreadyInUse, Assert.Throws<SocketException>(() => TakeAnyOf(address.Port)).SocketErrorCode);

            using var named = new TcpListener(address);
            named.Start();
        }

        // A process that is just being forked may have it still.
        await Eventually.EqualsAsync(address.Port, () => TakeAnyOf(address.Port));
    }

    // As any listener or connection takes one that the system chooses, here from a range of one.
    private static int TakeAnyOf(int port)
    {
        const int ip = 0;
        const int localPortRange = 51;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetRawSocketOption(ip, localPortRange, BitConverter.GetBytes(((uint)port << 16) | (uint)port));
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
