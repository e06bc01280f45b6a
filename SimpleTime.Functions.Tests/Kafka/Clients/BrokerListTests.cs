using SimpleTime.Functions.Worker.Kafka.Clients;
using Xunit;

namespace SimpleTime.Functions.Tests.Kafka.Clients;

/// <summary>Lists of brokers as people write them.</summary>
public sealed class BrokerListTests
{
    [Theory]
    [InlineData("b1:9092", "b1:9092")]
    [InlineData("b1:9092,b2:9092", "b1:9092,b2:9092")]
    [InlineData(" b1:9092 ,\tb2:9092 ", "b1:9092,b2:9092")]
    [InlineData("b1:9092,\n  b2:9092,\r\n  b3:9092,\n", "b1:9092,b2:9092,b3:9092")]
    [InlineData("b1:9092\nb2:9092\n", "b1:9092,b2:9092")]
    [InlineData(",,b1:9092,, ,", "b1:9092")]
    [InlineData("b1 : 9092, b2:\t9092", "b1:9092,b2:9092")]
    [InlineData("SSL://b1:9092, [::1]:9093", "SSL://b1:9092,[::1]:9093")]
    [InlineData("b1:9092\u0000\u001b,\u2028b2:9092", "b1:9092,b2:9092")]
    [InlineData(" embedded ,", "embedded")]
    [InlineData(" , \n", "")]
    public void Entries_are_trimmed_and_empty_ones_dropped(string text, string expected) => Assert.Equal(expected, BrokerList.Parse(text));
}
