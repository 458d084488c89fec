using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using NLayer;

namespace Jukebox.Audio.Reading;

/// <summary>
/// Mends a table of NLayer 3.0.1: it numbers the three windows of a short block only up to the last but one band, so that the highest
/// frequencies of all three get the gain of the first. Attacks then hiss, by up to a tenth of full scale. Where the table is not found,
/// the decoder is left as it is; a comparison with ffmpeg in the tests tells.
/// </summary>
internal static class NLayerRepair
{
    private const string Layer = "NLayer.Decoder.LayerIIIDecoder";
    private const int LinesOfAWindow = 192;
    private const int LastBand = 12;

    /// <summary>Mends the decoder, which has made its tables with its first frame of Layer III.</summary>
    [DynamicDependency("_cbwLookupS", Layer, "NLayer")]
    [DynamicDependency("_sfBandIndexS", Layer, "NLayer")]
    [DynamicDependency("_layerIIIDecoder", typeof(MpegFrameDecoder))]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "The fields are kept by the dependencies above.")]
    public static void NumberTheLastWindows(MpegFrameDecoder decoder)
    {
        const BindingFlags Private = BindingFlags.Instance | BindingFlags.NonPublic;
        object? layer = typeof(MpegFrameDecoder).GetField("_layerIIIDecoder", Private)?.GetValue(decoder);
        if (layer?.GetType().GetField("_cbwLookupS", Private)?.GetValue(layer) is byte[] windows
            && layer.GetType().GetField("_sfBandIndexS", Private)?.GetValue(layer) is int[] bands
            && windows.Length == 3 * LinesOfAWindow && bands.Length > LastBand)
        {
            int width = LinesOfAWindow - bands[LastBand];
            for (int window = 0; window < 3; window++)
            {
                windows.AsSpan((3 * bands[LastBand]) + (window * width), width).Fill((byte)window);
            }
        }
    }
}
