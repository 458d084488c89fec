using System.Runtime.InteropServices;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Recordings.Caches;
using Jukebox.Recordings.Folders;
using Jukebox.Recordings.Windows;

namespace Jukebox.Recordings.Codes;

/// <summary>
/// The codes that a frozen VQ-VAE gives whole recordings: a file for each recording and level, named after what makes them.
/// Computed once; one that is damaged, or of another length than the recording has codes, is computed again.
/// </summary>
/// <param name="folder">Where they are kept.</param>
/// <param name="hashes">What tells the codes of a level from others, by level: see <see cref="CodeIdentity"/>.</param>
/// <param name="spec">Shape of the VQ-VAE.</param>
/// <param name="set">The recordings.</param>
internal sealed class CodeCache(string folder, IReadOnlyDictionary<int, string> hashes, VqVaeSpec spec, AudioSet set)
{
    private const int ShownDigits = 32;

    /// <summary>Codes that a track has at a level.</summary>
    private long LengthOf(Track track, int level) => track.LengthSamples / spec.SamplesPerToken(level);

    /// <summary>Whether the codes of a track are there.</summary>
    public bool Has(Track track, int level) =>
        CacheFile.LengthOf(PathOf(track, level), KeyOf(track, level)) == LengthOf(track, level) * sizeof(ushort);

    /// <summary>Computes the codes of a track.</summary>
    public void Compute(Track track, int level, VqVae vqvae)
    {
        var codes = new int[LengthOf(track, level)];
        vqvae.Encode(level, track.LengthSamples, (first, block) => set.Read(track, first, block), 0, codes);
        ushort[] stored = Array.ConvertAll(codes, code => checked((ushort)code));
        CacheFile.Write(PathOf(track, level), KeyOf(track, level), [MemoryMarshal.AsBytes(stored.AsSpan()).ToArray()]);
    }

    /// <summary>Reads codes of a track.</summary>
    public int[] Read(Track track, int level, long first, int count)
    {
        var stored = new ushort[count];
        CacheFile.ReadPart<ushort>(PathOf(track, level), first, stored);
        return Array.ConvertAll(stored, code => (int)code);
    }

    private string PathOf(Track track, int level) =>
        Path.Combine(folder, "codes", hashes[level][..ShownDigits], $"{track.Hash[..ShownDigits]}-{set.SampleRateHz}-{level}.codes");

    private string KeyOf(Track track, int level) => $"{hashes[level]} {track.Hash} {set.SampleRateHz} Hz level {level}";
}
