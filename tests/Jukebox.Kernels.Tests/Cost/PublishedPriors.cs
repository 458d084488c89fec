using Jukebox.Models.Format;

namespace Jukebox.Tests.Cost;

/// <summary>The shapes whose cost is counted: every published prior. The two upsamplers have one shape.</summary>
public static class PublishedPriors
{
    /// <summary>Name and hyperparameters.</summary>
    public static IReadOnlyList<(string Name, PriorSpec Spec)> All { get; } =
    [
        ("upsampler", PublishedModels.Upsampler(1)),
        ("1b_lyrics", PublishedModels.Top("1b_lyrics")),
        ("5b", PublishedModels.Top("5b")),
        ("5b_lyrics", PublishedModels.Top("5b_lyrics")),
    ];

    /// <summary>The hyperparameters of that name.</summary>
    public static PriorSpec Of(string name) => All.Single(prior => prior.Name == name).Spec;
}
