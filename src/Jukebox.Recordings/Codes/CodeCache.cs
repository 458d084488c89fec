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

    /// <summary>Computes the codes of a track, which is read once for all the levels; no more of it and of them is held than a level looks at.</summary>
    /// <param name="track">The track.</param>
    /// <param name="levels">Levels whose codes are wanted.</param>
    /// <param name="vqvae">The VQ-VAE.</param>
    /// <param name="cancellation">Stops it; then nothing is written.</param>
    public void Compute(Track track, IReadOnlyList<int> levels, VqVae vqvae, CancellationToken cancellation)
    {
        var files = new Dictionary<int, CacheWriter>();
        try
        {
            foreach (int level in levels)
            {
                files.Add(level, CacheWriter.Begin(PathOf(track, level), KeyOf(track, level)));
            }

            vqvae.Encode(
                track.LengthSamples,
                (first, block) =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    set.Read(track, first, block);
                },
                (level, _, codes) => files[level].Append(Stored(codes)),
                levels);
            foreach (CacheWriter file in files.Values)
            {
                file.Place();
            }
        }
        finally
        {
            foreach (CacheWriter file in files.Values)
            {
                file.Dispose();
            }
        }
    }

    /// <summary>Reads codes of a track.</summary>
    public int[] Read(Track track, int level, long first, int count)
    {
        var stored = new ushort[count];
        CacheFile.ReadPart<ushort>(PathOf(track, level), first, stored);
        return Array.ConvertAll(stored, code => (int)code);
    }

    /// <summary>Codes as they are stored: 16 bits each.</summary>
    private static ReadOnlySpan<byte> Stored(ReadOnlySpan<int> codes)
    {
        var stored = new ushort[codes.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            stored[i] = checked((ushort)codes[i]);
        }

        return MemoryMarshal.AsBytes(stored.AsSpan());
    }

    private string PathOf(Track track, int level) =>
        Path.Combine(folder, "codes", hashes[level][..ShownDigits], $"{track.Hash[..ShownDigits]}-{set.SampleRateHz}-{level}.codes");

    private string KeyOf(Track track, int level) => $"{hashes[level]} {track.Hash} {set.SampleRateHz} Hz level {level}";
}
