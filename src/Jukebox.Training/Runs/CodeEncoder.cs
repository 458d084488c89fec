using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Recordings.Codes;
using Jukebox.Recordings.Folders;
using Jukebox.Training.Settings;

namespace Jukebox.Training.Runs;

/// <summary>Computes the codes of recordings that the cache lacks, with the VQ-VAE that a run began with.</summary>
internal sealed class CodeEncoder(CodeCache codes, IReadOnlyList<Track> tracks, PriorSpec prior, RunVoice voice)
{
    /// <summary>Fills the cache; can be stopped between recordings and goes on there.</summary>
    /// <exception cref="TrainingException">Codes are missing, and the VQ-VAE is gone or another.</exception>
    public void Run(IBackend backend, RunDescription description, CancellationToken cancellation)
    {
        int[] levels = CodeIdentity.LevelsOf(prior);
        voice.Progress("checking codes");
        (Track Track, int[] Levels)[] missing =
        [
            .. tracks.Select(track => (Track: track, Levels: levels.Where(level => !codes.Has(track, level)).ToArray())).Where(job => job.Levels.Length > 0),
        ];
        if (missing.Length == 0)
        {
            return;
        }

        using var model = ModelFolder.Open(description.VqVaeModel!);
        if (!CodeIdentity.Of(model, prior).SequenceEqual(description.CodeHashes!))
        {
            throw new TrainingException($"The VQ-VAE of {model.Path} is not the one that the run began with; put it back, or begin another run.");
        }

        using VqVae vqvae = VqVae.Load(backend, model.OpenVqVae(), model.Description.VqVae);
        for (int i = 0; i < missing.Length; i++)
        {
            voice.Progress($"encoding: {i} of {missing.Length} recordings");
            codes.Compute(missing[i].Track, missing[i].Levels, vqvae, cancellation);
        }
    }
}
