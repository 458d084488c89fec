using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Jukebox.Recordings;
using Jukebox.Recordings.Embeddings;
using Jukebox.Recordings.VectorFiles;

namespace Jukebox.Studio.Embeddings;

/// <summary>An input while its windows are computed, and what has come of it so far.</summary>
/// <param name="input">The input.</param>
/// <param name="stamp">What its file was before it was read: a change meanwhile shows the next time.</param>
internal sealed class EmbedItem(EmbedInput input, EmbedStamp stamp) : IDisposable
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly IncrementalHash _codes = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<Clip> _clips = [];
    private readonly List<EmbeddingOutput> _outputs = [];
    private long _windows, _came; // of the clips that have been begun

    public EmbedInput Input => input;

    /// <summary>Why nothing comes of it; none where all is well.</summary>
    public string? Failure { get; private set; }

    /// <summary>What is to be said of it.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Windows that have been given out.</summary>
    public long Windows { get; private set; }

    /// <summary>Share of its windows that have come back, as far as its clips have been begun.</summary>
    public double ShareDone => _windows == 0 ? 0 : (double)_came / _windows;

    /// <summary>What one of its windows is of it.</summary>
    public double ShareOfWindow => _windows == 0 ? 0 : 1.0 / _windows;

    public long? Samples { get; set; }

    public double Seconds { get; set; }

    /// <summary>Whether all its windows have been given out.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether its windows have come back and its files are in place.</summary>
    public bool IsComplete => Failure is not null || (IsQueued && _clips.Count == 0);

    /// <summary>Begins a clip of it.</summary>
    public Clip Begin(EmbeddingExtractor extractor, EmbeddingSettings settings, string folder, string name, double[]? times, long windows)
    {
        var files = new EmbeddingFiles(folder, name, settings, extractor.Width);
        var clip = new Clip(this, files, extractor.Begin(times, files.Add), windows);
        _clips.Add(clip);
        _windows += windows;
        return clip;
    }

    /// <summary>Notes the codes of a window that is given out.</summary>
    public void Give(Clip clip, EncodedWindow window)
    {
        int[] codes = window.Input.Codes;
        Windows++;
        clip.Files.AddCodes(codes.AsSpan(window.Window.FirstGiven));
        _codes.AppendData(MemoryMarshal.AsBytes<int>(codes));
    }

    /// <summary>A window of a clip has come back; the last one puts the clip's files in place.</summary>
    public void Came(Clip clip, string storage)
    {
        _came++;
        if (Failure is not null || --clip.Left > 0)
        {
            return;
        }

        try
        {
            foreach (FrameStream stream in clip.Frames.Streams.Values)
            {
                stream.Complete();
            }

            if (clip.Files.LayerWithOtherThanNumbers is { } layer)
            {
                string mend = storage == "f32" ? "; the weights or the recording are damaged" : $" with --storage {storage}; --storage f32 avoids it";
                Fail($"layer {layer} of {Input.Text} holds values that are not finite{mend}.");
                return;
            }

            _outputs.AddRange(clip.Files.Complete());
            _clips.Remove(clip);
            clip.Dispose();
        }
        catch (RecordingException e)
        {
            Fail(e.Message);
        }
    }

    /// <summary>Nothing comes of it.</summary>
    public void Fail(string sentence)
    {
        Failure ??= sentence;
        Dispose();
    }

    /// <summary>Its line in the manifest.</summary>
    public EmbeddingRecord Record(string settings, EmbeddingState state) => new()
    {
        Name = Input.Name,
        Input = Input.Text,
        Bytes = stamp.Bytes,
        Modified = stamp.Modified,
        Sha256 = stamp.Sha256,
        Samples = Samples,
        Seconds = Seconds,
        Windows = Windows,
        Outputs = [.. _outputs],
        Settings = settings,
        CodesSha256 = Windows > 0 ? Convert.ToHexStringLower(_codes.GetCurrentHash()) : null,
        State = state,
        Sentence = Failure ?? (Notes.Count > 0 ? string.Join(" ", Notes) : null),
        SecondsTaken = Math.Round(_watch.Elapsed.TotalSeconds, 3),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Clip clip in _clips)
        {
            clip.Dispose();
        }

        _clips.Clear();
    }

    /// <summary>A clip of an input: all of it, or a slice.</summary>
    /// <param name="item">The input.</param>
    /// <param name="files">Takes its frames.</param>
    /// <param name="frames">Makes them.</param>
    /// <param name="windows">Windows that it has.</param>
    internal sealed class Clip(EmbedItem item, EmbeddingFiles files, ClipFrames frames, long windows) : IDisposable
    {
        public EmbedItem Item => item;

        public EmbeddingFiles Files => files;

        public ClipFrames Frames => frames;

        /// <summary>Windows that have not come back.</summary>
        public long Left { get; set; } = windows;

        public void Dispose() => files.Dispose();
    }
}
