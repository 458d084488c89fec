using NLayer;

namespace Jukebox.Audio.Reading;

/// <summary>The four bytes that every frame of an MP3 (or MP1, MP2) begins with.</summary>
/// <param name="Bits">Them, most significant first.</param>
internal readonly record struct MpegHeader(uint Bits)
{
    /// <summary>Bytes of the header.</summary>
    public const int LengthBytes = 4;

    /// <summary>Most bytes of a frame.</summary>
    public const int MostFrameBytes = 1729; // Layer II, 384 kbit/s at 32 kHz, with padding

    // What must not change within a file: version, layer and rate.
    private const uint KindMask = 0xFFFE0C00;

    private static readonly int[][] BitRates =
    [
        [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    ];

    private static readonly int[][] LowBitRates =
    [
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];

    /// <summary>Whether these bits can begin a frame. Frames of a free bit rate, which do not say how long they are, are not taken.</summary>
    public bool IsValid => Bits >> 21 == 0x7FF && ((Bits >> 19) & 3) != 1 && ((Bits >> 17) & 3) != 0
        && BitRateIndex is > 0 and < 15 && RateIndex != 3 && FrameBytes > LengthBytes + ChecksumBytes + SideBytes;

    /// <summary>Version of MPEG.</summary>
    public MpegVersion Version => ((Bits >> 19) & 3) switch { 3 => MpegVersion.Version1, 2 => MpegVersion.Version2, _ => MpegVersion.Version25 };

    /// <summary>Layer, 1 to 3.</summary>
    public MpegLayer Layer => (MpegLayer)(4 - (int)((Bits >> 17) & 3));

    /// <summary>Bytes of the checksum after the header.</summary>
    public int ChecksumBytes => (Bits & 0x10000) == 0 ? 2 : 0;

    /// <summary>Row of the table of bit rates.</summary>
    public int BitRateIndex => (int)((Bits >> 12) & 15);

    /// <summary>Row of the table of sample rates.</summary>
    public int RateIndex => (int)((Bits >> 10) & 3);

    /// <summary>Channels, and how they are coded.</summary>
    public MpegChannelMode Mode => (MpegChannelMode)((Bits >> 6) & 3);

    /// <summary>Channels.</summary>
    public int Channels => Mode == MpegChannelMode.Mono ? 1 : 2;

    /// <summary>Bits per second.</summary>
    public int BitRate => (Version == MpegVersion.Version1 ? BitRates : LowBitRates)[(int)Layer - 1][BitRateIndex] * 1000;

    /// <summary>Samples per second.</summary>
    public int SampleRateHz => (RateIndex switch { 0 => 44100, 1 => 48000, _ => 32000 })
        / (Version switch { MpegVersion.Version1 => 1, MpegVersion.Version2 => 2, _ => 4 });

    /// <summary>Samples of each channel.</summary>
    public int Samples => Layer == MpegLayer.LayerI ? 384 : Layer == MpegLayer.LayerIII && Version != MpegVersion.Version1 ? 576 : 1152;

    /// <summary>Bytes of the whole frame.</summary>
    public int FrameBytes
    {
        get
        {
            int padding = (int)((Bits >> 9) & 1);
            return Layer == MpegLayer.LayerI ? ((12 * BitRate / SampleRateHz) + padding) * 4 : (Samples / 8 * BitRate / SampleRateHz) + padding;
        }
    }

    /// <summary>Bytes that say how Layer III codes its main data.</summary>
    public int SideBytes => Layer != MpegLayer.LayerIII ? 0 : (Version == MpegVersion.Version1, Channels) switch
    {
        (true, 2) => 32,
        (false, 1) => 9,
        _ => 17,
    };

    /// <summary>Whether both can stand in one file.</summary>
    public bool Continues(MpegHeader other) => (Bits & KindMask) == (other.Bits & KindMask) && Channels == other.Channels;
}
