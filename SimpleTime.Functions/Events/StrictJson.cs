using System.Text.Json;

namespace SimpleTime.Functions.Events;

/// <summary>JSON from outside: no comments, no trailing commas or data, no name twice in one object, nesting of at most 64.</summary>
internal static class StrictJson
{
    /// <summary>The deepest nesting that is read.</summary>
    public const int MaxDepth = 64;

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads JSON that owns its memory.</summary>
    /// <param name="json">Valid UTF-8; a byte order mark before it is skipped.</param>
    /// <exception cref="JsonException">It is not JSON of this kind, or a text in it is half of a surrogate pair.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        json = json.StartsWith(ByteOrderMark) ? json[ByteOrderMark.Length..] : json;
        try
        {
            CheckEscapes(json);
            return JsonElement.Parse(json, _options);
        }
        catch (InvalidOperationException exception)
        {
            // How the reader reports an escape such as \ud800, which stands for no character.
            throw new JsonException("A string holds half of a surrogate pair.", exception);
        }
    }

    private static void CheckEscapes(ReadOnlySpan<byte> json)
    {
        if (!json.Contains((byte)'\\'))
        {
            return;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                _ = reader.GetString();
            }
        }
    }
}
