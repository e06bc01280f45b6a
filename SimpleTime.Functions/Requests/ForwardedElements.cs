namespace SimpleTime.Functions.Requests;

/// <summary>
/// Reads a line of the <c>Forwarded</c> header (RFC 7239, section 4): elements separated by commas, of pairs separated by semicolons, whose
/// values may be quoted.
/// </summary>
/// <param name="line">The line.</param>
internal ref struct ForwardedElements(ReadOnlySpan<char> line)
{
    private const string WhiteSpace = " \t";

    private ReadOnlySpan<char> _rest = line;

    /// <summary>Reads on to the next element that has a <c>for</c> parameter.</summary>
    /// <param name="node">The first such value of the element, without its quotes.</param>
    /// <returns><see langword="false"/> at the end.</returns>
    public bool TryReadFor(out ReadOnlySpan<char> node)
    {
        var isFound = false;
        node = default;
        while (!_rest.IsEmpty)
        {
            var pair = TakePair(out var isLastOfElement);
            var equals = pair.IndexOf('=');
            if (!isFound && equals > 0 && pair[..equals].Trim(WhiteSpace).Equals("for", StringComparison.OrdinalIgnoreCase))
            {
                isFound = true;
                node = Unquote(pair[(equals + 1)..].Trim(WhiteSpace));
            }

            if (isFound && isLastOfElement)
            {
                return true;
            }
        }

        return isFound;
    }

    private ReadOnlySpan<char> TakePair(out bool isLastOfElement)
    {
        var isQuoted = false;
        for (var i = 0; i < _rest.Length; i++)
        {
            switch (_rest[i])
            {
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case '\\' when isQuoted:
                    i++;
                    break;
                case ',' or ';' when !isQuoted:
                    var pair = _rest[..i];
                    isLastOfElement = _rest[i] == ',';
                    _rest = _rest[(i + 1)..];
                    return pair;
            }
        }

        // A quote that does not end hides where the element ends.
        var last = isQuoted ? default : _rest;
        isLastOfElement = true;
        _rest = default;
        return last;
    }

    // What is escaped within quotes is no address.
    private static ReadOnlySpan<char> Unquote(ReadOnlySpan<char> value) => value is ['"', .. var quoted, '"'] ? quoted : value;
}
