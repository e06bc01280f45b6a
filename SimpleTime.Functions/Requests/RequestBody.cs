using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace SimpleTime.Functions.Requests;

/// <summary>Reads bodies of bounded size, of text in UTF-8.</summary>
internal static class RequestBody
{
    /// <summary>The most bytes of a body: 64 KiB.</summary>
    public const int MaxBytes = 64 * 1024;

    // A part of UTF-8 and its other customary name.
    private static readonly string[] _charsets = ["utf-8", "utf8", "us-ascii"];

    /// <summary>Reads the whole body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="RequestRefusedException">
    /// 415: the headers tell of another charset than UTF-8, or of a content coding. 413: the body has more than <see cref="MaxBytes"/>.
    /// </exception>
    public static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        CheckType(request);
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

    private static void CheckType(HttpRequest request)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encodings && HasCoding(encodings))
        {
            throw Unsupported("A body with a Content-Encoding is not read. Send it as it is.");
        }

        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.Charset is { Length: > 0 } charset &&
            !_charsets.Contains(HeaderUtilities.RemoveQuotes(charset).ToString(), StringComparer.OrdinalIgnoreCase))
        {
            throw Unsupported("The charset of the body is not UTF-8. Send it in UTF-8.");
        }
    }

    private static bool HasCoding(StringValues encodings)
    {
        foreach (var line in encodings)
        {
            var text = line.AsSpan();
            foreach (var range in text.Split(','))
            {
                var coding = text[range].Trim(" \t");
                if (!coding.IsEmpty && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static RequestRefusedException Unsupported(string detail) => new(StatusCodes.Status415UnsupportedMediaType, detail);

    private static RequestRefusedException TooLarge() =>
        new(StatusCodes.Status413PayloadTooLarge, "The body is larger than 64 KiB (65536 bytes).");
}
