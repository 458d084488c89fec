using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Studio.Devices;
using Jukebox.Studio.Songs;
using NAudio.Wave;

namespace Jukebox.Samples;

/// <summary>Makes a song, and hears it as NAudio would play it.</summary>
internal static class SongFromCSharp
{
    public static void Make(string modelFolder, string output)
    {
        using IBackend device = new DeviceChoice().Open(note: Console.Error.WriteLine); // a card where there is one
        using var model = ModelFolder.Open(modelFolder);
        var request = new SampleRequest { Labels = [new SongLabel("Johann Sebastian Bach", "organ")], Seconds = 4, Seed = 1 };
        using (var song = SongJob.Begin(device, model, request, output, MachineResources.Real, force: false, allowUnknown: false, note: Console.Error.WriteLine))
        {
            song.Run(Show, CancellationToken.None);
            Console.WriteLine(string.Join(Environment.NewLine, song.WavePaths));
        }

        ISampleProvider sound = new GrowingSongProvider(output, level: 0, item: 0); // can be listened to while it is made, too
        var second = new float[sound.WaveFormat.SampleRate];
        sound.Read(second);
        Console.WriteLine($"loudest sample of the first second: {second.Max(Math.Abs):0.00}");
    }

    private static void Show(SamplingProgress progress)
    {
        if (progress.Phase == SamplingPhase.Loading)
        {
            Console.Error.WriteLine($"level {progress.Level}: {progress.LevelTotal} codes to draw in {progress.Windows} windows");
        }
    }
}
