using System.Text.Json;
using Jukebox.Audio.Reading;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Testing.Golden;

namespace Jukebox.Tests.Sampling;

/// <summary>A pipeline of the original implementation: its request, its model, and what came out.</summary>
internal sealed class PipelineCase : IDisposable
{
    private readonly ModelFolder _folder;
    private readonly JsonElement _request;

    /// <summary>Opens a case.</summary>
    /// <param name="name">Its folder among the golden cases.</param>
    /// <param name="modelPath">Its model, converted.</param>
    /// <param name="storedLabels">Whether artist and genre ids come from the case's rows instead of label tables.</param>
    public PipelineCase(string name, string modelPath, bool storedLabels)
    {
        _folder = ModelFolder.Open(modelPath);
        _request = JsonDocument.Parse(File.ReadAllBytes(GoldenDirectory.Require(name, "request.json"))).RootElement;
        Golden = WeightFile.Open(GoldenDirectory.Require(name, "io.safetensors"));
        Backend = TestBackends.OpenForModels();
        Model = new SongModel(_folder, Backend, storedLabels ? StoredLabels : null);
    }

    public IBackend Backend { get; }

    public SongModel Model { get; }

    public WeightFile Golden { get; }

    public ModelDescription Description => _folder.Description;

    /// <summary>The request as this project takes it.</summary>
    public SampleRequest Request => new()
    {
        Seconds = _request.GetProperty("sample_length").GetInt64() / (double)Description.SampleRateHz,
        TotalSeconds = _request.GetProperty("total_length").GetInt64() / (double)Description.SampleRateHz,
        Count = _request.GetProperty("n_samples").GetInt32(),
        Labels = [.. _request.GetProperty("samples").EnumerateArray().Select(sample => new SongLabel(
            Text(sample, "artist"), Text(sample, "genre"), Text(sample, "lyrics")))],
        PrimeChunk = _request.GetProperty("chunk_size").GetInt32(),
        Seed = 1,
        Prompts = _request.GetProperty("mode").GetString() == "primed"
            ? [.. Enumerable.Range(0, Golden["prompt"].Shape[0]).Select(item => new PromptRequest($"{item}"))]
            : null,
        Levels = [.. Enumerable.Range(0, 3).Select(level => new LevelRequest
        {
            Level = level,
            Temperature = _request.GetProperty("temp").GetDouble(),
            TopK = _request.GetProperty("top_k").GetInt32(),
            HopFraction = _request.GetProperty("hop_fraction")[level].GetDouble(),
            BatchSize = _request.GetProperty("max_batch_size").GetInt32(),
        })],
    };

    /// <summary>Codes of an item in the original's run.</summary>
    public int[] Codes(int level, int item)
    {
        StoredTensor codes = Golden[$"z_{level}"]; // (N, T)
        int length = codes.Shape[1];
        return [.. codes.Read<long>().AsSpan(item * length, length).ToArray().Select(code => (int)code)];
    }

    /// <summary>Samples of a stored (N, T, 1) tensor that belong to an item.</summary>
    public float[] Audio(string name, int item)
    {
        StoredTensor audio = Golden[name];
        int length = audio.Shape[1];
        return audio.ReadSingles()[(item * length)..((item + 1) * length)];
    }

    public SongDescription Resolve(SampleRequest request) =>
        new RequestResolver(Description, SongModel.Reference(_folder), (prompt, rate) => ReadPrompt(prompt, rate).LengthSamples).Resolve(request);

    public MonoAudio ReadPrompt(PromptRequest prompt, int sampleRateHz) =>
        MonoAudio.Of(Audio("prompt", int.Parse(Path.GetFileName(prompt.File), System.Globalization.CultureInfo.InvariantCulture)), sampleRateHz);

    /// <summary>Begins a song and samples it to its end.</summary>
    public void Sample(string path, SampleRequest request)
    {
        using SongFolder folder = SongFolder.Create(path, Resolve(request), force: false);
        new Sampler(Model, folder, ReadPrompt).Run();
    }

    public void Dispose()
    {
        Model.Dispose();
        Golden.Dispose();
        _folder.Dispose();
        Backend.Dispose();
    }

    private static string Text(JsonElement sample, string name) => sample.GetProperty(name).GetString()!;

    private ItemLabels StoredLabels(PriorSpec prior, int samplesPerToken, SongLabel label, long totalSamples, long offsetSamples)
    {
        int item = Array.IndexOf([.. Request.Labels!.Select(known => known.Lyrics)], label.Lyrics);
        long[] rows = Golden[$"y_{prior.Level}"].Read<long>();
        int[] tokens = prior.LyricsLength > 0 ? LyricsText.Clean(label.Lyrics, prior.Labels!.Generation).Tokens : [];
        return ItemLabels.FromRow(prior, samplesPerToken, rows.AsSpan(item * prior.LabelLength, prior.LabelLength), tokens);
    }
}
