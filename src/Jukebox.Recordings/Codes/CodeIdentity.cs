using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Jukebox.Core.Files;
using Jukebox.Models.Format;

namespace Jukebox.Recordings.Codes;

/// <summary>
/// What tells the codes of one frozen VQ-VAE from those of another, level by level: a hash of everything that turns audio into
/// codes there. Other levels, and all decoders, may be trained further without a prior or a cache noticing.
/// </summary>
internal static class CodeIdentity
{
    /// <summary>Levels whose codes a prior is trained on: its own, and the level above where it reads that.</summary>
    public static int[] LevelsOf(PriorSpec prior) => prior.UpperCodes is null ? [prior.Level] : [prior.Level, prior.Level + 1];

    /// <summary>Hexadecimal SHA-256 of the encoders and codebooks of those levels of a model, in that order.</summary>
    public static string[] Of(ModelFolder model, PriorSpec prior) =>
        [.. LevelsOf(prior).Select(level => Of(model.OpenVqVae(), model.Description.VqVae, level))];

    private static string Of(WeightFile weights, VqVaeSpec spec, int level)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (TensorEntry entry in TensorTable.Of(spec))
        {
            if (VqVaeTensorNames.IsOfEncoder(entry.Name) && VqVaeTensorNames.LevelOf(entry.Name) == level)
            {
                StoredTensor tensor = weights[entry.Name];
                hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Name} {tensor.Shape} "));
                hash.AppendData(MemoryMarshal.AsBytes<float>(tensor.ReadSingles()));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
