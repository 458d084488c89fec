using Jukebox.Audio.Reading;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Studio.Devices;

namespace Jukebox.Samples;

/// <summary>Prints the codes of a recording, of any format and rate, a line for each level.</summary>
internal static class CodesOfAFile
{
    public static void Print(string modelFolder, string recording)
    {
        using IBackend device = new DeviceChoice { Kind = DeviceKind.Cpu }.Open(note: Console.Error.WriteLine);
        using var model = ModelFolder.Open(modelFolder);
        using var vqvae = VqVae.Load(device, model.OpenVqVae(), model.Description.VqVae);
        float[] samples = AudioFile.Load(AudioRange.Parse(recording), model.Description.SampleRateHz); // mono, in [−1, 1]
        for (int level = 0; level < vqvae.Spec.Levels; level++)
        {
            int[] codes = vqvae.Encode(level, samples); // one for each SamplesPerToken(level) samples
            Console.WriteLine($"level {level}: {string.Join(' ', codes)}");
        }
    }
}
