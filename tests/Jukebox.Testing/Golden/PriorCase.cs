using System.Text.Json;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;

namespace Jukebox.Testing.Golden;

/// <summary>One <c>prior_*</c> directory: the converted checkpoint, and the reference's inputs and outputs.</summary>
public sealed class PriorCase : IDisposable
{
    private readonly WeightFile _io;
    private readonly ModelFolder _model;

    /// <summary>Converts the checkpoint and loads the prior on a backend.</summary>
    public PriorCase(string name, IBackend backend)
    {
        _io = WeightFile.Open(GoldenDirectory.Require(name, "io.safetensors"));
        using JsonDocument hps = JsonDocument.Parse(File.ReadAllBytes(GoldenDirectory.Require(name, "hps.json")));
        LyricsLossFraction = hps.RootElement.GetProperty("prime_loss_fraction").GetDouble();
        _model = ModelFolder.Open(GoldenModels.Folder(name));
        Prior = Prior.Load(backend, _model, _model.Description.Priors[0].Level);
        Codes = Rows("z");
        Labels = _io.Tensors.ContainsKey("y") ? LongRows("y") : [];
        UpperCodes = _io.Tensors.ContainsKey("z_cond") ? Rows("z_cond") : null;
    }

    /// <summary>The loaded prior.</summary>
    public Prior Prior { get; }

    /// <summary>Its hyperparameters.</summary>
    public PriorSpec Spec => Prior.Spec;

    /// <summary>Weight of the lyrics in the total loss.</summary>
    public double LyricsLossFraction { get; }

    /// <summary>Codes of each item, a whole window.</summary>
    public int[][] Codes { get; }

    /// <summary>Label row of each item.</summary>
    public long[][] Labels { get; }

    /// <summary>Codes of the level above, or none.</summary>
    public int[][]? UpperCodes { get; }

    /// <summary>Whether the reference wrote such an output.</summary>
    public bool Has(string name) => _io.Tensors.ContainsKey(name);

    /// <summary>An output of the reference.</summary>
    public float[] Values(string name) => _io[name].ReadSingles();

    /// <summary>One item of an output of the reference.</summary>
    public float[] Values(string name, int item)
    {
        float[] all = Values(name);
        int length = all.Length / Codes.Length;
        return all[(item * length)..((item + 1) * length)];
    }

    /// <summary>Integer rows of the reference.</summary>
    public int[][] Rows(string name) => Array.ConvertAll(LongRows(name), row => Array.ConvertAll(row, value => checked((int)value)));

    /// <summary>A greedy window of some items of which the first <paramref name="known"/> codes are given.</summary>
    public PriorWindow Window(int known, params int[] items) => new()
    {
        StartToken = 0,
        Items = items,
        Labels = Labels.Length == 0 ? [] : Array.ConvertAll(items, item => Labels[item]),
        UpperCodes = UpperCodes is { } upper ? Array.ConvertAll(items, item => upper[item]) : null,
        Known = Array.ConvertAll(items, item => Codes[item][..known]),
        Rule = new SamplingRule(1, TopK: 1),
        Seed = 1,
    };

    /// <summary>Every item.</summary>
    public int[] AllItems => [.. Enumerable.Range(0, Codes.Length)];

    /// <inheritdoc/>
    public void Dispose()
    {
        Prior.Dispose();
        _model.Dispose();
        _io.Dispose();
    }

    private long[][] LongRows(string name)
    {
        StoredTensor tensor = _io[name];
        long[] values = tensor.Read<long>();
        int width = tensor.Shape[-1];
        return [.. values.Chunk(width)];
    }
}

/// <summary>Runs windows to their end, as tests want them.</summary>
public static class PriorRunning
{
    /// <summary>Primes, then steps until each item has <paramref name="total"/> codes; lyric tokens that were drawn count as 0.</summary>
    public static int[][] Finish(this IPriorRun run, PriorWindow window, int total)
    {
        run.Begin(window);
        while (run.PrimeChunk())
        {
        }

        int known = window.Known[0].Length;
        int[][] result = Array.ConvertAll(window.Known, codes => codes.Concat(new int[total - known]).ToArray());
        var drawn = new int[window.Items.Length];
        for (int t = known; t < total; t++)
        {
            run.Step(drawn);
            for (int item = 0; item < drawn.Length; item++)
            {
                result[item][t] = Math.Max(drawn[item], 0);
            }
        }

        return result;
    }
}
