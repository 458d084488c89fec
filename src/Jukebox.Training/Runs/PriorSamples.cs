using System.Globalization;
using Jukebox.Audio.Writing;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Models.VqVaes;
using Jukebox.Training.Batches;
using Jukebox.Training.Modules;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Priors;
using Jukebox.Training.Settings;

namespace Jukebox.Training.Runs;

/// <summary>
/// Writes what a prior in training plays: windows drawn from nothing at temperature 1, with the labels and the upper codes of
/// windows that are measured on, decoded at its own level.
/// </summary>
internal sealed class PriorSamples(IBackend backend, ParameterSet parameters, IBatchSource<PriorBatch> windows, RunFolder folder)
{
    private const int Windows = 2;
    private const string FolderName = "model";

    /// <summary>Writes the samples of a step; the weights that count are in place.</summary>
    public void Write(long step)
    {
        string path = folder.SamplesPath(step), modelPath = Path.Combine(path, FolderName);
        try
        {
            WriteModel(modelPath);
            using var model = ModelFolder.Open(modelPath);
            PriorSpec spec = folder.Description.Settings.Prior!;
            int[][] codes = Draw(model, spec, windows.Validation().FirstOrDefault() ?? windows.BatchOf(0));
            using VqVae vqvae = VqVae.Load(backend, model.OpenVqVae(), model.Description.VqVae);
            for (int i = 0; i < codes.Length; i++)
            {
                using WaveWriter writer = WaveWriter.Create(
                    Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"window_{i}.wav")), model.Description.SampleRateHz);
                writer.Write(vqvae.Decode(spec.Level, codes[i]));
                writer.Flush();
            }
        }
        finally
        {
            FilePlacement.DeleteFolder(modelPath);
        }
    }

    /// <summary>A model folder of this prior alone.</summary>
    private void WriteModel(string path)
    {
        TrainingSettings settings = folder.Description.Settings;
        Directory.CreateDirectory(path);
        File.Copy(Path.Combine(folder.Description.VqVaeModel!, ModelDescription.VqVaeFileName), Path.Combine(path, ModelDescription.VqVaeFileName), overwrite: true);
        FileDigest prior = WeightExport.Write(
            Path.Combine(path, ModelDescription.PriorFileName(settings.Prior!.Level)), parameters.Entries, ElementType.F32,
            entry => parameters.Value(entry.Name).ToArray<float>());
        new ModelDescription
        {
            Format = ModelDescription.CurrentFormat,
            Name = settings.Name,
            SampleRateHz = settings.SampleRateHz,
            VqVae = settings.VqVae!,
            Priors = [settings.Prior],
            Defaults = [.. PublishedModels.DefaultsOf(settings.VqVae!.Levels)],
            Origin = "",
            Licence = "",
            Files = new SortedDictionary<string, FileDigest>(StringComparer.Ordinal)
            {
                [ModelDescription.VqVaeFileName] = ModelDescription.Read(folder.Description.VqVaeModel!).Files[ModelDescription.VqVaeFileName],
                [ModelDescription.PriorFileName(settings.Prior.Level)] = prior,
            },
        }.Write(path);
    }

    private int[][] Draw(ModelFolder model, PriorSpec spec, PriorBatch batch)
    {
        int count = Math.Min(Windows, batch.Codes.Length);
        using Prior prior = Prior.Load(backend, model, spec.Level);
        using PriorRun run = prior.CreateRun(count);
        run.Begin(new PriorWindow
        {
            StartToken = 0,
            Items = [.. Enumerable.Range(0, count)],
            Labels = batch.Labels[..count],
            UpperCodes = batch.UpperCodes?[..count],
            Known = [.. Enumerable.Range(0, count).Select(_ => Array.Empty<int>())],
            Rule = new SamplingRule(Temperature: 1),
            Seed = folder.Description.Settings.Seed,
        });
        while (run.PrimeChunk())
        {
        }

        int[][] codes = [.. Enumerable.Range(0, count).Select(_ => new int[spec.ContextLength])];
        var drawn = new int[count];
        for (int i = 0; i < spec.ContextLength; i++)
        {
            run.Step(drawn);
            for (int item = 0; item < count; item++)
            {
                codes[item][i] = drawn[item];
            }
        }

        return codes;
    }
}
