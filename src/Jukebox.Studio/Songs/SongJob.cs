using Jukebox.Audio.Reading;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Songs;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Studio.Devices;

namespace Jukebox.Studio.Songs;

/// <summary>
/// A song that is made, from a request or from where it was interrupted: checked before anything is loaded, then carried out. Its
/// folder is locked until it is disposed. The caller disposes model folder and backend after it.
/// </summary>
public sealed class SongJob : IDisposable
{
    private readonly SongModel _model;

    private readonly Action<string> _note;

    private SongJob(SongModel model, SongFolder folder, LevelWork[] work, Action<string> note) => (_model, Folder, Work, _note) = (model, folder, work, note);

    /// <summary>The song's folder.</summary>
    public SongFolder Folder { get; }

    /// <summary>The song.</summary>
    public SongDescription Song => Folder.Description;

    /// <summary>What is drawn at each level, the coarsest first, and what it costs.</summary>
    internal LevelWork[] Work { get; }

    /// <summary>Wave files of the finished song, the coarsest level first.</summary>
    public IEnumerable<string> WavePaths => Song.Request.SampleLevels!.SelectMany(
        level => Song.Items.Select(item => SongFolder.WavePath(Folder.FolderPath, level, item)));

    /// <summary>A request with every default filled in, as <c>song.json</c> will have it.</summary>
    /// <exception cref="SamplingException">The request contradicts itself, its source or the model.</exception>
    public static SongDescription Resolve(ModelFolder model, SampleRequest request) =>
        new RequestResolver(model.Description, SongModel.Reference(model), LengthOf).Resolve(request);

    /// <summary>Begins a song.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="model">The model.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="output">Folder of the song.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <param name="force">Whether a song that is there is given up.</param>
    /// <param name="allowUnknown">Whether names that the coarsest level does not know are meant.</param>
    /// <param name="note">Told what the user should know, a line each.</param>
    /// <exception cref="SamplingException">It cannot be made as asked for.</exception>
    /// <exception cref="StudioException">Memory or disk is short, or a name is unknown.</exception>
    public static SongJob Begin(
        IBackend backend, ModelFolder model, SampleRequest request, string output, MachineResources limits, bool force, bool allowUnknown, Action<string> note)
    {
        NoteReuse(request, note);
        SongDescription song = Resolve(model, request) with { Device = backend.Arithmetic };
        var plan = SamplingPlan.Create(song, model.Description);
        Requirements.Of(plan, model, output, limits, backend).Check(output);
        SongLabels.Check(model, song, allowUnknown, note);
        SongLabels.NoteLyrics(model, song, note);
        return Of(backend, model, plan, () => SongFolder.Create(output, song, force), note);
    }

    /// <summary>Goes on with a song that was interrupted.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="model">The model that it was begun with.</param>
    /// <param name="path">Folder of the song.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <param name="repair">Whether a journal that is damaged in the middle is cut there.</param>
    /// <param name="note">Told what the user should know, a line each.</param>
    /// <exception cref="SamplingException">The folder holds no song, or one of another model.</exception>
    /// <exception cref="StudioException">Memory or disk is short.</exception>
    public static SongJob Resume(IBackend backend, ModelFolder model, string path, MachineResources limits, bool repair, Action<string> note)
    {
        SongFolder folder = SongFolder.Resume(path, repair);
        try
        {
            SongDescription song = folder.Description;
            if (song.Device is { } begun && begun != backend.Arithmetic)
            {
                note($"{path} was begun on {begun}; on {backend.Arithmetic} sums round differently, so what is still to be drawn may turn out otherwise.");
            }

            var plan = SamplingPlan.Create(song, model.Description);
            Requirements.Of(plan, model, path, limits, backend).Check(path, goesOn: true);
            return Of(backend, model, plan, () => folder, note);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Carries it out: to the end, or until it is cancelled.</summary>
    /// <param name="progress">Told where the work stands, often.</param>
    /// <param name="cancellation">Stops it after the token at hand; everything sampled is on disk then.</param>
    /// <exception cref="JukeboxException">
    /// A prompt, a journal or weights are damaged, the disk is full, the device fails: what was sampled is on disk, and <see cref="Resume"/> goes on.
    /// </exception>
    public SamplingOutcome Run(Action<SamplingProgress> progress, CancellationToken cancellation) =>
        new Sampler(_model, Folder, SongModel.PromptReaderWith(_note), progress).Run(cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        Folder.Dispose();
        _model.Dispose();
    }

    private static long LengthOf(PromptRequest prompt, int sampleRateHz)
    {
        using MonoAudio audio = SongModel.ReadPrompt(prompt, sampleRateHz);
        return audio.CountSamples();
    }

    /// <summary>The weights are looked at before there is a folder, so that a model that is not sound leaves nothing behind.</summary>
    private static SongJob Of(IBackend backend, ModelFolder model, SamplingPlan plan, Func<SongFolder> folder, Action<string> note)
    {
        LevelWork[] work = LevelWork.Of(plan, model, backend);
        return new SongJob(new SongModel(model, backend), folder(), work, note);
    }

    /// <summary>Says which prompts serve more than one item.</summary>
    private static void NoteReuse(SampleRequest request, Action<string> note)
    {
        int items = request.Items?.Length ?? request.Count ?? 0;
        if (request.Prompts is { Length: > 1 } prompts && items > 0 && items != prompts.Length)
        {
            note(items > prompts.Length
                ? $"{items} items and {prompts.Length} prompts: the prompts are used over again, in their order."
                : $"{items} items and {prompts.Length} prompts: the last {prompts.Length - items} are not used.");
        }
    }
}
