using System.Diagnostics;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Journal;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;

namespace Jukebox.Songs.Sampling;

/// <summary>
/// Carries a plan out: windows of each level from the coarsest to the finest, every token journaled as it is drawn,
/// audio written as far as it is determined. What is in the folder already is not done again, so that running it once
/// more after any interruption gives the bytes of an uninterrupted run.
/// </summary>
/// <param name="model">The model; the caller disposes it.</param>
/// <param name="folder">The song; the caller disposes it.</param>
/// <param name="readPrompt">Reads recordings, for a primed song.</param>
/// <param name="report">Called on the sampling thread after every token and at every change of phase.</param>
public sealed class Sampler(ISongModel model, SongFolder folder, PromptReader readPrompt, Action<SamplingProgress>? report = null)
{
    private readonly SongDescription _song = folder.Description;
    private readonly SortedDictionary<int, CodeJournal> _journals = [];
    private readonly long[] _tokens = new long[model.Description.VqVae.Levels]; // by level: tokens in its journal, over all items
    private LevelAudio? _audio;
    private DerivedSums? _sums;
    private long _drawnTokens;
    private long _remainingTokens;

    /// <summary>
    /// Samples until the song is finished or until asked to stop; the tokens in progress are then finished and everything
    /// forced to the disk. Call it once.
    /// </summary>
    /// <exception cref="SamplingException">The model is not the song's, the plan cannot be carried out, the disk is full.</exception>
    /// <exception cref="StorageException">The folder cannot be written to.</exception>
    /// <exception cref="DeviceException">The device fails; what was sampled before is on disk.</exception>
    /// <exception cref="DamagedFileException">A journal is damaged in the middle.</exception>
    public SamplingOutcome Run(CancellationToken cancellation = default)
    {
        CheckModel();
        SamplingPlan plan = SamplingPlan.Create(_song, model.Description);
        try
        {
            _sums = folder.OpenSums();
            OpenJournals();
            WriteKnownTokens();
            _remainingTokens = plan.Levels.Sum(level => Rows().Sum(row => (long)level.TotalTokens - _journals[level.Level].Count(row)));
            foreach (LevelPlan level in plan.Levels)
            {
                if (!SampleLevel(level, cancellation))
                {
                    return SamplingOutcome.Interrupted;
                }

                if (level.Level == model.Description.VqVae.Levels - 1)
                {
                    Align(level);
                }
            }

            return SamplingOutcome.Finished;
        }
        catch (StorageException e) when (DurableFile.IsDiskFull(e.InnerException))
        {
            throw new SamplingException($"{e.Message} The rest of the song takes {RemainingBytes(plan)} more bytes; it goes on with 'jukebox-native sample --resume {folder.FolderPath}'.", e.InnerException);
        }
        finally
        {
            CloseJournals();
            _sums?.Dispose();
        }
    }

    /// <summary>Bytes of journals and audio that are still to be written, at most.</summary>
    private long RemainingBytes(SamplingPlan plan) => plan.Levels.Where(level => _journals.ContainsKey(level.Level)).Sum(level =>
        Rows().Sum(row => level.TotalTokens - (long)_journals[level.Level].Count(row)) * (JournalFormat.RecordOverheadBytes + sizeof(short) + ((long)level.SamplesPerToken * sizeof(short))));

    private IEnumerable<int> Rows() => Enumerable.Range(0, _song.Items.Length);

    private void CheckModel()
    {
        if (model.Fingerprint != _song.Model.Fingerprint)
        {
            throw new SamplingException(
                $"{folder.FolderPath} is made with the model '{_song.Model.Name}' ({_song.Model.Fingerprint}), not with '{model.Description.Name}' ({model.Fingerprint}); "
                + $"resume it with the model it was begun with ({_song.Model.Path}).");
        }

        if (SongChecks.Problem(_song, model.Description) is { } problem)
        {
            throw new SamplingException($"the description of {folder.FolderPath} does not fit its model: {problem}; put the original song.json back.");
        }
    }

    private void OpenJournals()
    {
        for (int level = model.Description.VqVae.Levels - 1; level >= 0; level--)
        {
            if (_song.TokensAt(level) > 0)
            {
                CodeJournal journal = folder.OpenJournal(level);
                _journals.Add(level, journal);
                _tokens[level] = Rows().Sum(row => (long)journal.Count(row));
            }
        }
    }

    private void CloseJournals()
    {
        foreach (CodeJournal journal in _journals.Values)
        {
            using (journal)
            {
                journal.Flush();
            }
        }
    }

    private void WriteKnownTokens()
    {
        var known = new KnownCodes(model, _song, readPrompt);
        foreach ((int level, CodeJournal journal) in _journals)
        {
            foreach (int row in Rows().Where(row => journal.Count(row) < _song.KnownTokens[level]))
            {
                Report(SamplingPhase.Preparing, level, 0, 0, 1);
                ReadOnlySpan<int> missing = known.Of(row, level).AsSpan(journal.Count(row).._song.KnownTokens[level]); // of an hour, 80 MB
                journal.AppendRun(row, missing);
                _tokens[level] += missing.Length;
            }
        }
    }

    private bool SampleLevel(LevelPlan plan, CancellationToken cancellation)
    {
        CodeJournal journal = _journals[plan.Level];
        using var audio = new LevelAudio(model, folder, plan.Level, journal.Count, _sums!);
        _audio = audio;
        foreach (int row in Rows())
        {
            ExtendAudio(plan, row, 0);
        }

        if (Rows().All(row => journal.Count(row) == plan.TotalTokens))
        {
            return true;
        }

        int batchSize = Math.Min(_song.Level(plan.Level).BatchSize!.Value, _song.Items.Length);
        Report(SamplingPhase.Loading, plan.Level, 0, plan.Windows.Count, batchSize);
        using IPriorRun run = model.OpenPrior(plan.Level, batchSize, _song.Request.PrimeChunk!.Value);
        int[][]? upper = _journals.TryGetValue(plan.Level + 1, out CodeJournal? above) ? [.. Rows().Select(above.Codes)] : null;
        for (int window = 0; window < plan.Windows.Count; window++)
        {
            for (int row = 0, rows; row < _song.Items.Length; row += rows)
            {
                rows = RowsSideBySide(journal, row, batchSize);
                if (!SampleWindow(run, plan, window, row, rows, upper, cancellation))
                {
                    return false;
                }

                for (int i = row; i < row + rows; i++)
                {
                    ExtendAudio(plan, i, window + 1);
                }
            }
        }

        return true;
    }

    /// <summary>Rows from one on that are equally far: a song may go on with another batch size than it began with.</summary>
    private int RowsSideBySide(CodeJournal journal, int first, int batchSize)
    {
        int rows = 1;
        while (rows < batchSize && first + rows < _song.Items.Length && journal.Count(first + rows) == journal.Count(first))
        {
            rows++;
        }

        return rows;
    }

    /// <summary>Draws what a window lacks for rows that go side by side; false when asked to stop.</summary>
    private bool SampleWindow(IPriorRun run, LevelPlan plan, int index, int firstRow, int rows, int[][]? upper, CancellationToken cancellation)
    {
        SamplingWindow window = plan.Windows[index];
        CodeJournal journal = _journals[plan.Level];
        int token = journal.Count(firstRow);
        if (token >= window.EndToken)
        {
            return true;
        }

        run.Begin(WindowOf(run.Spec, plan, window, firstRow, rows, token, upper));
        do
        {
            Report(SamplingPhase.Priming, plan.Level, index + 1, plan.Windows.Count, rows);
            if (cancellation.IsCancellationRequested)
            {
                return false;
            }
        }
        while (run.PrimeChunk());

        var codes = new int[run.StepsAtOnce * rows]; // (T, N)
        var pace = new StepPace(run.StepsAtOnce);
        while (token < window.EndToken)
        {
            int count = Math.Min(pace.Next, window.EndToken - token);
            long start = Stopwatch.GetTimestamp();
            run.Step(codes.AsSpan(0, count * rows));
            pace.Took(count, Stopwatch.GetElapsedTime(start));
            for (int i = 0; i < count; i++, token++)
            {
                journal.AppendStep(firstRow, token, codes.AsSpan(i * rows, rows));
                _tokens[plan.Level] += rows;
                _drawnTokens += rows;
                _remainingTokens -= rows;
                Report(SamplingPhase.Sampling, plan.Level, index + 1, plan.Windows.Count, rows);
            }

            if (cancellation.IsCancellationRequested)
            {
                return false;
            }
        }

        return true;
    }

    private PriorWindow WindowOf(PriorSpec prior, LevelPlan plan, SamplingWindow window, int firstRow, int rows, int token, int[][]? upper)
    {
        IEnumerable<int> batch = Enumerable.Range(firstRow, rows);
        int upperStart = window.StartToken / plan.TokensPerUpperToken;
        int upperCount = plan.ContextLength / plan.TokensPerUpperToken;
        return new PriorWindow
        {
            StartToken = window.StartToken,
            Items = [.. batch.Select(row => _song.Items[row])],
            Labels = prior.Labels is null ? [] : [.. batch.Select(row => model.LabelRow(plan.Level, _song.Request.Labels![row], _song.TotalSamples, _song.OffsetSamples, window.StartToken))],
            UpperCodes = upper is null ? null : [.. batch.Select(row => upper[row].AsSpan(upperStart, upperCount).ToArray())],
            Known = [.. batch.Select(row => KnownIn(_journals[plan.Level].Raw(row), window, token))],
            Rule = _song.Rule(plan.Level),
            Seed = _song.Seed,
        };
    }

    /// <summary>
    /// What is known of a window: codes of earlier windows as music, and those drawn in this one as they were drawn.
    /// </summary>
    private static int[] KnownIn(IReadOnlyList<int> raw, SamplingWindow window, int token)
    {
        var known = new int[token - window.StartToken];
        for (int i = 0; i < known.Length; i++)
        {
            int code = raw[window.StartToken + i];
            known[i] = i < window.KnownTokens ? Math.Max(code, 0) : code;
        }

        return known;
    }

    private void ExtendAudio(LevelPlan plan, int row, int window)
    {
        CodeJournal journal = _journals[plan.Level];
        if (_audio!.Lags(row, journal.Count(row)))
        {
            Report(SamplingPhase.Decoding, plan.Level, window, plan.Windows.Count, 1);
            _audio.Extend(row, journal.Codes(row));
        }
    }

    private void Align(LevelPlan plan)
    {
        PriorSpec prior = model.Description.PriorOf(plan.Level)!;
        if (prior.AlignmentLayer is null || prior.LyricsLength == 0 || IsAligned())
        {
            return;
        }

        SongAlignment alignment = SongAlignment.From(Attention(plan), (double)plan.SamplesPerToken / _song.SampleRateHz);
        if (alignment.Items.Length > 0)
        {
            DurableFile.WriteAtomically(folder.AlignmentPath, alignment.WriteTo);
            long lengthBytes = new FileInfo(folder.AlignmentPath).Length;
            _sums!.Write(DerivedSums.Alignment, lengthBytes, DerivedSums.Of(folder.AlignmentPath, 0, lengthBytes)!.Value);
        }
    }

    /// <summary>Whether the alignment is there as it was written.</summary>
    private bool IsAligned() => File.Exists(folder.AlignmentPath)
        && _sums!.Read(DerivedSums.Alignment) is { } written
        && new FileInfo(folder.AlignmentPath).Length == written.LengthBytes
        && DerivedSums.Of(folder.AlignmentPath, 0, written.LengthBytes) == written.Checksum;

    /// <summary>One item's after the other; nothing is computed before it is gone through.</summary>
    private IEnumerable<(int Item, LyricAttention Attention)> Attention(LevelPlan plan)
    {
        foreach (int row in Rows().Where(row => _song.Request.Labels![row].Lyrics.Length > 0))
        {
            Report(SamplingPhase.Aligning, plan.Level, plan.Windows.Count, plan.Windows.Count, 1);
            LyricAttention? attention = model.Align(
                _song.Request.Labels![row], _journals[plan.Level].Codes(row), _song.TotalSamples, _song.OffsetSamples, plan.HopTokens);
            if (attention is not null)
            {
                yield return (_song.Items[row], attention);
            }
        }
    }

    private void Report(SamplingPhase phase, int level, int window, int windows, int items) => report?.Invoke(new SamplingProgress(
        phase,
        level,
        window,
        windows,
        items,
        _tokens[level],
        (long)_song.TokensAt(level) * _song.Items.Length,
        _drawnTokens,
        _remainingTokens,
        _audio?.Seconds ?? 0));
}
