using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace SimpleTime.Functions.Requests;

/// <summary>Reads bodies of bounded size.</summary>
internal static class RequestBody
{
    /// <summary>The most bytes of a body: 64 KiB.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The whole body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="RequestRefusedException">413: the body has more than <see cref="MaxBytes"/>.</exception>
    public static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes)
        {
            throw TooLarge();
        }

        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes + 1);
        try
        {
            var length = 0;
            int read;
            while ((read = await request.Body.ReadAsync(buffer.AsMemory(length, MaxBytes + 1 - length), cancellationToken)) > 0)
            {
                length += read;
                if (length > MaxBytes)
                {
                    throw TooLarge();
                }
            }

            return buffer.AsSpan(0, length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static RequestRefusedException TooLarge() =>
        new(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB (65536 bytes).");
}
