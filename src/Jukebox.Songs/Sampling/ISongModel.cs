using Jukebox.Audio.Reading;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Models.Priors;
using Jukebox.Songs.Folder;

namespace Jukebox.Songs.Sampling;

/// <summary>
/// What a <see cref="Sampler"/> needs of a model. Priors are opened one level at a time, so that only one level's
/// weights and caches are held.
/// </summary>
public interface ISongModel : IDisposable
{
    /// <summary>The model's hyperparameters.</summary>
    ModelDescription Description { get; }

    /// <summary>Identifies the model's weights: hexadecimal SHA-256.</summary>
    string Fingerprint { get; }

    /// <summary>Opens the prior of a level for windows of up to <paramref name="batchSize"/> items.</summary>
    IPriorRun OpenPrior(int level, int batchSize, int primeChunk);

    /// <summary>
    /// Label row of a window: <see cref="PriorSpec.LabelLength"/> numbers; empty for an unlabelled prior.
    /// </summary>
    /// <param name="level">Level of the prior.</param>
    /// <param name="label">Artist, genre and lyrics of the item.</param>
    /// <param name="totalSamples">Length of the imagined whole song.</param>
    /// <param name="offsetSamples">Where in it the audio starts.</param>
    /// <param name="startToken">First token of the window, from the start of the audio.</param>
    long[] LabelRow(int level, SongLabel label, long totalSamples, long offsetSamples, int startToken);

    /// <summary>Tokens after a token that its audio depends on, at most.</summary>
    int RightContextTokens(int level);

    /// <summary>
    /// The audio of tokens <paramref name="start"/> … <paramref name="start"/> + <paramref name="count"/> − 1: bit for
    /// bit that stretch of decoding all of <paramref name="codes"/> (0 … codebook size − 1).
    /// </summary>
    float[] Decode(int level, ReadOnlyMemory<int> codes, int start, int count);

    /// <summary>Codes of every level, finest first, of the first samples of a recording, which is read once.</summary>
    /// <param name="audio">The recording.</param>
    /// <param name="lengthSamples">Samples that are taken: a multiple of the coarsest token.</param>
    /// <param name="availableSamples">Samples that there were, at most as many; silence counts for what is missing.</param>
    int[][] Encode(MonoAudio audio, long lengthSamples, out long availableSamples);

    /// <summary>
    /// Where the lyrics are sung: attention of every top-level token on the characters that it sees, computed as it is gone through;
    /// or none for a model or an item without aligned lyrics.
    /// </summary>
    /// <param name="label">Artist, genre and lyrics of the item.</param>
    /// <param name="codes">All top-level codes of the item.</param>
    /// <param name="totalSamples">Length of the imagined whole song.</param>
    /// <param name="offsetSamples">Where in it the codes start.</param>
    /// <param name="hopTokens">Tokens from window to window.</param>
    LyricAttention? Align(SongLabel label, int[] codes, long totalSamples, long offsetSamples, int hopTokens);
}
