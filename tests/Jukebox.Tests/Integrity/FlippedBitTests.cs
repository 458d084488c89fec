using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Studio.Verification;
using Jukebox.Tests.Sampling;
using Xunit;

namespace Jukebox.Tests.Integrity;

/// <summary>A flipped bit anywhere leads to an error, or to the very result that there would have been: never to another song, model or run.</summary>
public sealed class FlippedBitTests : IDisposable
{
    private static readonly SampleRequest Request = new()
    {
        Seconds = 20 * 128 / 44100.0,
        Count = 2,
        Seed = 11,
        Labels = [new SongLabel("a", "b", "c")],
        Levels = [new LevelRequest { Level = 1, BatchSize = 1 }],
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void InAModelIsFoundWhenItIsLoadedAndByVerify() => FlippedBits.Try(NoiseModelFolder.Path, _folder["model"], 1, (model, name) =>
    {
        bool isVerified = VerifyReport.Of(model).IsWhole;
        try
        {
            using var folder = ModelFolder.Open(model);
            folder.OpenVqVae();
            foreach (PriorSpec prior in folder.Description.Priors)
            {
                folder.OpenPrior(prior.Level);
            }

            // What is read all the same must be what was written: a bit between the digest and the end of the text, say.
            return folder.Description.ToJson().AsSpan().SequenceEqual(ModelDescription.Read(NoiseModelFolder.Path).ToJson()) && isVerified ? null : "loaded";
        }
        catch (DamagedFileException)
        {
            return isVerified ? "verified as whole" : null;
        }
    });

    [Fact]
    public void InAHalfDoneSongIsFoundOrMendedWhenItGoesOn()
    {
        string whole = _folder["whole"], half = _folder["half"];
        var model = new StubSongModel();
        Assert.Equal(SamplingOutcome.Finished, Go(model, SongFolder.Create(whole, model.Resolve(Request), force: false), int.MaxValue));
        Assert.Equal(SamplingOutcome.Interrupted, Go(model, SongFolder.Create(half, model.Resolve(Request), force: false), 300));
        SortedDictionary<string, byte[]> expected = TemporaryFolder.Files(whole);
        FlippedBits.Try(half, _folder["song"], 2, (song, name) =>
        {
            bool isVerified = VerifyReport.Of(song).IsWhole;
            try
            {
                Go(model, SongFolder.Resume(song), int.MaxValue);
            }
            catch (DamagedFileException)
            {
                return isVerified ? "verified as whole" : null;
            }

            SortedDictionary<string, byte[]> actual = TemporaryFolder.Files(song);
            return expected.Where(file => file.Key != name || !IsOfNoConsequence(name)).FirstOrDefault(file => !actual[file.Key].AsSpan().SequenceEqual(file.Value)).Key;
        });
    }

    [Fact]
    public void InAFinishedSongIsFoundOrMended()
    {
        string whole = _folder["whole"];
        var model = new StubSongModel();
        Go(model, SongFolder.Create(whole, model.Resolve(Request), force: false), int.MaxValue);
        Assert.True(VerifyReport.Of(whole).IsWhole);
        SortedDictionary<string, byte[]> expected = TemporaryFolder.Files(whole);
        FlippedBits.Try(whole, _folder["song"], 3, (song, name) =>
        {
            try
            {
                Go(model, SongFolder.Resume(song), int.MaxValue);
            }
            catch (DamagedFileException)
            {
                return null;
            }

            SortedDictionary<string, byte[]> actual = TemporaryFolder.Files(song);
            return expected.Where(file => file.Key != name || !IsOfNoConsequence(name)).FirstOrDefault(file => !actual[file.Key].AsSpan().SequenceEqual(file.Value)).Key;
        });
    }

    /// <summary>
    /// A description that is read in spite of a flipped bit says what it said; a checksum that is damaged only has its file made anew.
    /// </summary>
    private static bool IsOfNoConsequence(string name) => name is "song.json" || name.EndsWith(DerivedSums.FileName, StringComparison.Ordinal);

    private static SamplingOutcome Go(StubSongModel model, SongFolder folder, int stopAfter)
    {
        using SongFolder open = folder;
        using var stop = new CancellationTokenSource();
        int steps = 0;
        return new Sampler(model, open, StubSongModel.ReadPrompt, progress =>
        {
            if (progress.Phase == SamplingPhase.Sampling && ++steps >= stopAfter)
            {
                stop.Cancel();
            }
        }).Run(stop.Token);
    }
}
