using Jukebox.Core.Errors;
using Jukebox.Songs.Journal;
using Xunit;

namespace Jukebox.Tests.Sampling;

public sealed class CodeJournalTests : IDisposable
{
    private static readonly JournalHeader Header = new(2, [4, 7, 9], 2048, 79, 40, new string('a', 64), new string('d', 64));

    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder["level_2.codes"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void RawCodesComeBackAndCountAsMusic()
    {
        byte[] bytes = Write();
        using CodeJournal journal = CodeJournal.Open(FilePath, Header, repair: false);
        for (int row = 0; row < 3; row++)
        {
            Assert.Equal(Expected(row), journal.Raw(row));
            Assert.Equal(Expected(row).Select(code => Math.Max(code, 0)), journal.Codes(row));
        }

        journal.Dispose();
        Assert.Equal(bytes, File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void ATailTornAtAnyByteIsCutToTheLastWholeRecordAndGoesOnToTheSameBytes()
    {
        byte[] whole = Write();
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            CodeJournal.Open(FilePath, Header, repair: false).Dispose();
            Assert.True(whole.AsSpan().StartsWith(File.ReadAllBytes(FilePath)), $"torn at byte {length}");
            GoOn();
            Assert.Equal(whole, File.ReadAllBytes(FilePath));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0xFF)]
    public void ATailThatAPowerCutLeftUnwrittenIsCut(byte filling)
    {
        byte[] whole = Write();
        for (int length = JournalFormat.Header(Header).Length; length < whole.Length; length += 13)
        {
            byte[] torn = [.. whole];
            torn.AsSpan(length).Fill(filling);
            File.WriteAllBytes(FilePath, torn);
            GoOn();
            Assert.Equal(whole, File.ReadAllBytes(FilePath));
        }
    }

    [Fact]
    public void DamageInTheMiddleIsNamedAndChangesNothing()
    {
        byte[] whole = Write();
        int[] starts = RecordStarts(whole);
        for (int at = starts[0]; at < starts[^1]; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            File.WriteAllBytes(FilePath, damaged);
            int start = starts.Last(s => s <= at);
            var error = Assert.Throws<DamagedFileException>(() => CodeJournal.Open(FilePath, Header, repair: false));
            Assert.Equal(start, error.OffsetBytes);
            Assert.Contains($"byte {start}", error.Message);
            Assert.Contains("of 40 tokens before it are whole", error.Message);
            Assert.Contains("--repair", error.Message);
            Assert.Equal(damaged, File.ReadAllBytes(FilePath));
        }
    }

    [Fact]
    public void RepairingKeepsTheDamagedFileAndGoesOnToTheSameBytes()
    {
        byte[] whole = Write();
        byte[] damaged = [.. whole];
        damaged[RecordStarts(whole)[20] + 5] ^= 1;
        File.WriteAllBytes(FilePath, damaged);
        CodeJournal.Open(FilePath, Header, repair: true).Dispose();
        Assert.Equal(damaged, File.ReadAllBytes(FilePath + ".damaged"));
        GoOn();
        Assert.Equal(whole, File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void ADamagedHeaderIsNamedAndCanBeRepairedWithoutLosingACode()
    {
        byte[] whole = Write();
        byte[] damaged = [.. whole];
        damaged[37] ^= 1;
        File.WriteAllBytes(FilePath, damaged);
        var error = Assert.Throws<DamagedFileException>(() => CodeJournal.Open(FilePath, Header, repair: false));
        Assert.Equal(37, error.OffsetBytes);
        CodeJournal.Open(FilePath, Header, repair: true).Dispose();
        Assert.Equal(whole, File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void TheJournalOfAnotherModelIsRefused()
    {
        Write();
        Assert.Throws<DamagedFileException>(() => CodeJournal.Open(FilePath, Header with { Fingerprint = new string('b', 64) }, repair: false));
    }

    [Fact]
    public void AJournalInUseCanBeRead()
    {
        using CodeJournal journal = CodeJournal.Open(FilePath, Header, repair: false);
        journal.AppendStep(0, 0, [1, 2, 3]);
        Assert.Equal([2], CodeJournal.Read(FilePath, Header)[1]);
    }

    [Fact]
    public void ALongJournalIsReadInPiecesAndItsDamageFound()
    {
        var header = new JournalHeader(0, [0], 2048, 0, 200_000, new string('c', 64));
        int[] codes = new TestRandom(1).Ints(header.TotalTokens, 2048);
        using (CodeJournal journal = CodeJournal.Open(FilePath, header, repair: false))
        {
            journal.AppendRun(0, codes.AsSpan(0, 50_000));
            for (int token = 50_000; token < codes.Length; token++)
            {
                journal.AppendStep(0, token, codes.AsSpan(token, 1));
            }
        }

        Assert.Equal(codes, CodeJournal.Read(FilePath, header)[0]);
        byte[] bytes = File.ReadAllBytes(FilePath);
        bytes[1_500_001] ^= 4;
        File.WriteAllBytes(FilePath, bytes);
        Assert.Throws<DamagedFileException>(() => CodeJournal.Open(FilePath, header, repair: false));
    }

    private static int Code(int row, int token) => (token + row) % 5 == 4 ? -1 - token : (token * 50) + row;

    private static int[] Expected(int row) => [.. Enumerable.Range(0, Header.TotalTokens).Select(token => Code(row, token))];

    /// <summary>Goes on as a sampler does: known runs of each row, then a batch of two rows and one of one.</summary>
    private void GoOn()
    {
        using CodeJournal journal = CodeJournal.Open(FilePath, Header, repair: false);
        for (int row = 0; row < 3; row++)
        {
            if (journal.Count(row) < 10)
            {
                journal.AppendRun(row, Expected(row).AsSpan(journal.Count(row)..10));
            }
        }

        foreach (int end in (int[])[25, 40])
        {
            for (int token = journal.Count(0); token < end; token++)
            {
                journal.AppendStep(0, token, [Code(0, token), Code(1, token)]);
            }

            for (int token = journal.Count(2); token < end; token++)
            {
                journal.AppendStep(2, token, [Code(2, token)]);
            }
        }
    }

    private byte[] Write()
    {
        GoOn();
        return File.ReadAllBytes(FilePath);
    }

    private static int[] RecordStarts(byte[] bytes)
    {
        var starts = new List<int>();
        for (int at = JournalFormat.Header(Header).Length; at < bytes.Length; at += JournalFormat.RecordLength(bytes.AsSpan(at)))
        {
            starts.Add(at);
        }

        return [.. starts];
    }
}
