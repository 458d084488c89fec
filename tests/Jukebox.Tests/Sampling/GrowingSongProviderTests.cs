using Jukebox.Audio.Writing;
using Jukebox.Songs;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Xunit;

namespace Jukebox.Tests.Sampling;

/// <summary>Listening to a song through NAudio's interface while it is being made.</summary>
public sealed class GrowingSongProviderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SongDescription _song;
    private readonly string _wave;

    public GrowingSongProviderTests()
    {
        var model = new StubSongModel();
        _song = model.Resolve(new SampleRequest { Seconds = 1, Count = 2, Seed = 1 });
        using SongFolder folder = SongFolder.Create(_folder["song"], _song, force: false);
        _wave = SongFolder.WavePath(_folder["song"], 0, 1);
        Directory.CreateDirectory(Path.GetDirectoryName(_wave)!);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadingWaitsForWhatIsStillToComeAndEndsWithTheSong()
    {
        float[] samples = [.. Enumerable.Range(0, (int)_song.SampleLength).Select(i => (i % 1000) / 32768f)];
        WaveWriter? writer = null;
        int waited = 0;
        var provider = new GrowingSongProvider(_folder["song"], 0, 1, CancellationToken.None, () =>
        {
            // The file appears, grows, is closed and gone on with while somebody listens.
            int third = samples.Length / 3;
            switch (waited++)
            {
                case 0:
                    writer = WaveWriter.Create(_wave, _song.SampleRateHz);
                    break;
                case 1:
                    writer!.Write(samples.AsSpan(0, third));
                    writer.Flush();
                    break;
                case 2:
                    writer!.Dispose();
                    writer = WaveWriter.Append(_wave, _song.SampleRateHz, third);
                    break;
                default:
                    writer!.Write(samples.AsSpan(third));
                    writer.Dispose();
                    break;
            }
        });
        Assert.Equal((_song.SampleRateHz, 1), (provider.WaveFormat.SampleRate, provider.WaveFormat.Channels));
        var heard = new float[samples.Length + 500];
        Assert.Equal(100, provider.Read(heard.AsSpan(0, 100)));
        Assert.Equal(samples.Length - 100, provider.Read(heard.AsSpan(100)));
        Assert.Equal(samples, heard[..samples.Length]);
        Assert.Equal(0, provider.Read(heard));
        Assert.Equal(4, waited);
    }

    [Fact]
    public void CancellingEndsTheWait()
    {
        using var cancellation = new CancellationTokenSource();
        var provider = new GrowingSongProvider(_folder["song"], 0, 1, cancellation.Token, cancellation.Cancel);
        Assert.Equal(0, provider.Read(new float[10]));
    }

    [Fact]
    public void AnItemThatTheSongHasNotIsNamed()
    {
        SamplingException e = Assert.Throws<SamplingException>(() => new GrowingSongProvider(_folder["song"], 0, 7));
        Assert.Contains("has the items 0, 1, not 7", e.Message, StringComparison.Ordinal);
    }
}
