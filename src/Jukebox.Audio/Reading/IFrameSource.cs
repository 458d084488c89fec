namespace Jukebox.Audio.Reading;

/// <summary>Decoded audio, read forward: what <see cref="AudioFile"/> mixes and resamples.</summary>
internal interface IFrameSource : IDisposable
{
    /// <summary>Frames per second.</summary>
    int SampleRateHz { get; }

    /// <summary>Samples per frame.</summary>
    int Channels { get; }

    /// <summary>Frames in all as far as can be checked without decoding them, or −1 where only reading to the end can tell.</summary>
    long LengthFrames { get; }

    /// <summary>What was not as it should be in what was read so far, as a clause; none where nothing was.</summary>
    string? Complaint => null;

    /// <summary>Reads the next frames, channels interleaved; gives how many, 0 at the end.</summary>
    int Read(Span<float> interleaved);

    /// <summary>Moves forward to a frame.</summary>
    void Seek(long frame);
}
