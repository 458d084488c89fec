using Jukebox.Audio.Reading;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;

namespace Jukebox.Recordings.Embeddings;

/// <summary>A vector and the moment that it is of.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Seconds">Its time, from the start of what is taken of the recording.</param>
/// <param name="Vector">Its numbers, as many as the prior is wide.</param>
public sealed record EmbeddingFrame(int Layer, double Seconds, float[] Vector);

/// <summary>Vectors of one recording, for programs.</summary>
public static class EmbeddingReader
{
    /// <summary>
    /// Vectors of a recording or a stretch of it, window by window as they are asked for, layers ascending within a window.
    /// The recording's peak is looked for first, so that it is read twice.
    /// </summary>
    /// <param name="backend">What computes.</param>
    /// <param name="folder">The model.</param>
    /// <param name="range">The recording.</param>
    /// <param name="settings">A preset (<see cref="EmbeddingPresets.Find"/>), or one with changes; slices are not for this.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="RecordingException">Settings do not fit the model, or the recording is too short.</exception>
    /// <exception cref="Core.Errors.JukeboxException">The recording or the weights are damaged.</exception>
    public static IEnumerable<EmbeddingFrame> Read(
        IBackend backend, ModelFolder folder, AudioRange range, EmbeddingSettings settings, CancellationToken cancellation = default)
    {
        EmbeddingCheck.Require(settings, folder.Description, folder.Path, layersAreGiven: true);
        if (settings.SliceSeconds is not null || settings.BetweenTimes)
        {
            throw new RecordingException("Slices and given times are cut by the command 'embed'; read stretches of the recording instead.");
        }

        return Frames(backend, folder, range, settings, cancellation);
    }

    private static IEnumerable<EmbeddingFrame> Frames(
        IBackend backend, ModelFolder folder, AudioRange range, EmbeddingSettings settings, CancellationToken cancellation)
    {
        int rate = folder.Description.SampleRateHz;
        using var extractor = new EmbeddingExtractor(backend, folder, settings);
        using EmbeddingClip clip = EmbeddingClips.Whole(range, rate, settings.Normalise, settings.NormaliseOver, null, cancellation);
        long tokens = extractor.TokensOf(clip, range.ToString());
        var ready = new List<EmbeddingFrame>();
        ClipFrames frames = extractor.Begin(null, (layer, seconds, row) => ready.Add(new EmbeddingFrame(layer, seconds, row.ToArray())));
        double total = settings.Labels == LabelTimes.Real ? EmbeddingClips.SecondsOfFile(range, rate, clip) : 0;
        foreach (EmbeddingWindow window in extractor.Windows.Of(tokens))
        {
            extractor.Compute([extractor.Encode(frames, clip, window, total, range.StartSeconds)], null, (_, failure) => throw failure, cancellation);
            foreach (EmbeddingFrame frame in ready)
            {
                yield return frame;
            }

            ready.Clear();
        }

        foreach (FrameStream stream in frames.Streams.Values)
        {
            stream.Complete();
        }

        foreach (EmbeddingFrame frame in ready)
        {
            yield return frame;
        }
    }
}
