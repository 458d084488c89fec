using System.Security.Cryptography;
using System.Text;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>
/// The tensor tables of the published models against the checkpoints' own lists: number of entries, of scalars, and a
/// digest of the sorted lines "name (shape)".
/// </summary>
public sealed class PublishedShapesTests
{
    [Theory]
    [InlineData("vqvae", 669, 1_878_979, "98ba7287a8b3ff808ba8e9e663685d8ac5db0186c833e7dfcb1285dd8441ae93")]
    [InlineData("upsampler_0", 1006, 985_230_336, "bbe03f7d4b5c152e27ad766eda7a14e61f208cef36ac1b42219ed339792b402b")]
    [InlineData("upsampler_1", 1006, 985_230_336, "bbe03f7d4b5c152e27ad766eda7a14e61f208cef36ac1b42219ed339792b402b")]
    [InlineData("5b", 872, 5_060_452_800, "5bb6fb98e5c1ec8bdc4f144edfc272b2c0069732ad045c8c9c65df397835206e")]
    [InlineData("5b_lyrics", 1194, 5_640_506_800, "6bee78e6c16dfea887c66f4e7e17d5b44920a85bdab878182c1453255156fe6f")]
    [InlineData("1b_lyrics", 872, 946_999_296, "fa3e30654fa108bdde068a0765e99c316eaa18741b54b5c0127a728da33c1b50")]
    public void TableHasExactlyThePublishedNamesAndShapes(string name, int entries, long scalars, string digest)
    {
        List<(string Name, Shape Shape)> table = [.. TableOf(name).Select(entry => (entry.Name, entry.CheckpointShape))];
        int embedding = table.FindIndex(entry => entry.Name == "prior.x_emb.weight");
        if (embedding >= 0 && table.TrueForAll(entry => entry.Name != "prior.x_out.weight"))
        {
            // Checkpoints list a tied output matrix under its own name too; the table has it once.
            table.Add(("prior.x_out.weight", table[embedding].Shape));
        }

        string[] lines = [.. table.Select(entry => $"{entry.Name} {entry.Shape}").Order(StringComparer.Ordinal)];
        Assert.Equal(entries, lines.Length);
        Assert.Equal(scalars, table.Sum(entry => entry.Shape.LengthElements));
        Assert.Equal(digest, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines)))));
    }

    [Theory]
    [InlineData("5b")]
    [InlineData("5b_lyrics")]
    [InlineData("1b_lyrics")]
    public void PublishedDescriptionsMakeSense(string name) => Assert.Null(PublishedModels.Describe(name).Problem());

    private static IReadOnlyList<TensorEntry> TableOf(string name) => name switch
    {
        "vqvae" => TensorTable.Of(PublishedModels.VqVae),
        "upsampler_0" => TensorTable.Of(PublishedModels.Upsampler(0), PublishedModels.VqVae),
        "upsampler_1" => TensorTable.Of(PublishedModels.Upsampler(1), PublishedModels.VqVae),
        _ => TensorTable.Of(PublishedModels.Top(name), PublishedModels.VqVae),
    };
}
