namespace SimpleTime.Functions.Tests.Packaging;

/// <summary>Names of images.</summary>
internal static class ImageReference
{
    /// <summary>The tag; null when there is none. A port of the registry is none.</summary>
    /// <param name="image">The image's name.</param>
    public static string? Tag(string image) =>
        image.LastIndexOf(':') is var colon && colon > image.LastIndexOf('/') ? image[(colon + 1)..] : null;

    /// <summary>Whether the name stands for one version, or one line of patches, and not for whatever is newest.</summary>
    /// <param name="image">The image's name.</param>
    public static bool IsPinned(string image) => Tag(image) is { } tag && tag.Any(char.IsAsciiDigit) && !tag.StartsWith("latest", StringComparison.Ordinal);
}
