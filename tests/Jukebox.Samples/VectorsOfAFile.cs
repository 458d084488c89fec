using Jukebox.Audio.Reading;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Recordings.Embeddings;
using Jukebox.Studio.Devices;

namespace Jukebox.Samples;

/// <summary>Prints two vectors a second of a whole recording: activations of the top prior.</summary>
internal static class VectorsOfAFile
{
    public static void Print(string modelFolder, string recording)
    {
        using IBackend device = new DeviceChoice().Open(note: Console.Error.WriteLine);
        using var model = ModelFolder.Open(modelFolder);
        EmbeddingSettings settings = EmbeddingPresets.Find("jukemirlib") with { Layers = [9], HopSeconds = 0, Fps = 2, Resample = FrameResampling.Average };
        foreach (EmbeddingFrame frame in EmbeddingReader.Read(device, model, AudioRange.Parse(recording), settings))
        {
            Console.WriteLine(FormattableString.Invariant($"{frame.Seconds:0.00} s: {frame.Vector.Length} numbers, the first {frame.Vector[0]:0.000}"));
        }
    }
}
