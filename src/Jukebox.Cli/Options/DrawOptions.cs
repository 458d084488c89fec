using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;

namespace Jukebox.Cli.Options;

/// <summary>Options that say how tokens are drawn.</summary>
internal sealed class DrawOptions
{
    private readonly Option<string?> _seed = new("--seed", "-s")
    {
        Description = "Keys every draw: the same seed gives the same song. [default: that of the source song, else -1: by chance, and printed]",
        HelpName = "N",
    };

    private readonly Option<PerLevel<double>?> _temperature = PerLevel<double>.Option(
        "--temperature", "Temperature: below 1 is safer, above 1 wilder; levels 0, 1, 2. [default: the model's, 0.99]", 1e-3, 100, "--temp");
    private readonly Option<PerLevel<int>?> _topK = PerLevel<int>.Option(
        "--top-k", "Draw among the k most probable codes; 0 is off. [default: the model's, 0]", 0, int.MaxValue);
    private readonly Option<PerLevel<double>?> _topP = PerLevel<double>.Option(
        "--top-p", "Draw among the codes that make up this share of the probability; 0 is off. [default: the model's, 0]", 0, 1);
    private readonly Option<PerLevel<double>?> _hop = PerLevel<double>.Option(
        "--hop-fraction", "New tokens of each further window over its length; less is slower and remembers more. [default: the model's, 0.5,0.5,0.125]", 1e-6, 1);
    private readonly Option<PerLevel<int>?> _batch = PerLevel<int>.Option(
        "--batch-size", "Most items computed side by side: memory and speed, not the result. [default: 16]", 1, 4096, "--max-batch-size");

    private readonly Option<int?> _chunk = new Option<int?>("--prime-chunk", "--chunk-size")
    {
        Description = "Known tokens loaded at once: memory and speed, not the result. [default: 256]",
        HelpName = "TOKENS",
    }.Within(1, 1 << 20);

    public void AddTo(Command command)
    {
        command.Options.Add(_seed);
        command.Options.Add(_temperature);
        command.Options.Add(_topK);
        command.Options.Add(_topP);
        command.Options.Add(_hop);
        command.Options.Add(_batch);
        command.Options.Add(_chunk);
    }

    /// <summary>
    /// The request with what was given. The seed is resolved here, so that it can name the folder: that of the song that
    /// this one is made from, unless another is given.
    /// </summary>
    public SampleRequest Apply(ParseResult result, SampleRequest request, ModelDescription model) => request with
    {
        Seed = Seed(result, request) ?? (ulong)RandomNumberGenerator.GetInt32(int.MaxValue),
        PrimeChunk = result.GetValue(_chunk) ?? request.PrimeChunk,
        Levels =
        [
            .. Enumerable.Range(0, model.VqVae.Levels).Select(level => Level(result, level, model.VqVae.Levels, request)),
            .. request.Levels?.Where(settings => settings.Level < 0 || settings.Level >= model.VqVae.Levels) ?? [], // refused with the rest
        ],
    };

    private LevelRequest Level(ParseResult result, int level, int levels, SampleRequest request)
    {
        LevelRequest old = request.Levels?.FirstOrDefault(l => l.Level == level) ?? new LevelRequest { Level = level };
        return old with
        {
            Temperature = result.GetValue(_temperature)?.At(level, levels) ?? old.Temperature,
            TopK = result.GetValue(_topK)?.At(level, levels) ?? old.TopK,
            TopP = result.GetValue(_topP)?.At(level, levels) ?? old.TopP,
            HopFraction = result.GetValue(_hop)?.At(level, levels) ?? old.HopFraction,
            BatchSize = result.GetValue(_batch)?.At(level, levels) ?? old.BatchSize,
        };
    }

    private ulong? Seed(ParseResult result, SampleRequest request) => result.GetValue(_seed) is { } text
        ? Parse(text)
        : request.Seed ?? (request.Source is { } source ? SongFolder.ReadDescription(source.Song).Seed : null);

    private static ulong? Parse(string text) => text == "-1" ? null
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed
        : throw new UsageException($"--seed {text}: a seed is a whole number from 0 to {ulong.MaxValue}, or -1 for one by chance.");
}
