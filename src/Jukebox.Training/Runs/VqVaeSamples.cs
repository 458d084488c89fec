using System.Globalization;
using Jukebox.Audio.Writing;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Recordings.Folders;
using Jukebox.Training.Batches;
using Jukebox.Training.Modules;
using Jukebox.Training.VqVaes;

namespace Jukebox.Training.Runs;

/// <summary>Writes what a VQ-VAE in training makes of recordings: a few excerpts, and each as every level that learns gives it back.</summary>
internal sealed class VqVaeSamples(IBackend backend, VqVaeTrainee trainee, TrackSelection selection, RunFolder folder)
{
    private const int Excerpts = 3;
    private const double ExcerptSeconds = 8;

    /// <summary>Writes the samples of a step; the weights that count are in place.</summary>
    public void Write(long step)
    {
        string path = folder.SamplesPath(step), weights = Path.Combine(path, ModelDescription.VqVaeFileName);
        Directory.CreateDirectory(path);
        try
        {
            WeightExport.Write(weights, TensorTable.Of(trainee.Spec), ElementType.F32, trainee.ValueOf);
            using WeightFile file = WeightFile.Open(weights);
            using VqVae vqvae = VqVae.Load(backend, file, trainee.Spec);
            foreach ((Track track, int index) in Chosen().Select((track, index) => (track, index)))
            {
                WriteExcerpt(vqvae, track, Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"excerpt_{index}")));
            }
        }
        finally
        {
            File.Delete(weights);
        }
    }

    /// <summary>Of what is measured on, where there is any.</summary>
    private IEnumerable<Track> Chosen()
    {
        Track[] valid = [.. selection.Tracks.Where(track => track.Split == TrackSplit.Valid)];
        IReadOnlyList<Track> tracks = valid.Length > 0 ? valid : selection.Tracks;
        int count = Math.Min(Excerpts, tracks.Count);
        return Enumerable.Range(0, count).Select(i => tracks[i * tracks.Count / count]);
    }

    private void WriteExcerpt(VqVae vqvae, Track track, string prefix)
    {
        int top = trainee.Spec.SamplesPerToken(trainee.Spec.Levels - 1);
        int length = (int)Math.Min(ExcerptSeconds * selection.Set.SampleRateHz, track.LengthSamples) / top * top;
        var samples = new float[length];
        selection.Set.Read(track, (track.LengthSamples - length) / 2, samples);
        WriteWave($"{prefix}_original.wav", samples);
        foreach (int level in trainee.Levels)
        {
            WriteWave(string.Create(CultureInfo.InvariantCulture, $"{prefix}_level_{level}.wav"), vqvae.Decode(level, vqvae.Encode(level, samples)));
        }
    }

    private void WriteWave(string path, float[] samples)
    {
        using WaveWriter writer = WaveWriter.Create(path, selection.Set.SampleRateHz);
        writer.Write(samples);
        writer.Flush();
    }
}
