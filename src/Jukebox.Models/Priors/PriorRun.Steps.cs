using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Models.Priors;

/// <summary>Drawing tokens: one recorded step, replayed for each.</summary>
public sealed partial class PriorRun
{
    private Recording? _recordedStep;
    private StepKey _recordedKey; // what the recorded step holds for
    private StepKey _issuedKey; // what the last step was issued for

    /// <summary>What a step depends on beside memory: a step recorded for one key holds for every window of that key.</summary>
    private readonly record struct StepKey(int Items, SamplingRule Rule, ulong Seed);

    /// <inheritdoc/>
    public int StepsAtOnce => PriorState.StepsAtOnce;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">
    /// Nothing was begun, priming is not done, or the window has not that much room.
    /// </exception>
    /// <exception cref="ArgumentException">The length is not a multiple of the window's items, or too many steps are asked for.</exception>
    /// <exception cref="ArithmeticException">The logits are not finite; the window must be begun again.</exception>
    public void Step(Span<int> codes)
    {
        PriorWindow window = _window ?? throw new InvalidOperationException("a window must be begun before its tokens are drawn");
        int items = window.Items.Length, count = codes.Length / items;
        if (_position < _knownLength || count > Spec.SequenceLength - _position)
        {
            throw new InvalidOperationException(_position < _knownLength
                ? "the known tokens must be primed before new ones are drawn"
                : count > 1 && _position < Spec.SequenceLength
                    ? $"{count} steps were asked for, but the window has room for {Spec.SequenceLength - _position}"
                    : $"the window's {Spec.ContextLength} tokens are all there");
        }

        if (codes.Length % items != 0 || count is < 1 or > PriorState.StepsAtOnce)
        {
            throw new ArgumentException($"room for {codes.Length} codes, but the window has {items} items and draws at most {PriorState.StepsAtOnce} tokens of each at once", nameof(codes));
        }

        int first = _position;
        var key = new StepKey(items, window.Rule, window.Seed);
        for (int i = 0; i < count; i++)
        {
            IssueStep(key);
            _position++;
        }

        DownloadDrawn(first, items, codes);
    }

    /// <summary>
    /// The first step of its kind is issued as it is, so that whatever operations allocate at their first use is there; the
    /// second is recorded.
    /// </summary>
    private void IssueStep(StepKey key)
    {
        if (_issuedKey != key)
        {
            _issuedKey = key;
            DrawNext();
            return;
        }

        if (_recordedStep is null || _recordedKey != key)
        {
            _recordedStep?.Dispose();
            _recordedStep = null;
            _recordedStep = _backend.Record(DrawNext);
            _recordedKey = key;
        }

        _recordedStep.Replay();
    }

    /// <summary>Every operation of a step, the cursor's advance included.</summary>
    private void DrawNext()
    {
        PriorWindow window = _window!;
        int items = window.Items.Length;
        Tensor x = Forward(1); // (N, 1, C)
        Tensor logits = _state.Logits.Slice(0, items); // (N, K)
        Tensor drawn = _state.Drawn.Prefix(PriorState.StepsAtOnce, items); // (R, N)
        _backend.Linear(x, _prior.Output, Activation.None, null, logits);
        _backend.SampleTokens(
            logits, window.Rule, window.Seed, Spec.Level, _state.Items.Slice(0, items), _state.Cursor, _state.Tokens.Slice(0, items), drawn);
        _backend.Advance(_state.Cursor, 1);
    }

    /// <summary>The tokens drawn from position <paramref name="first"/> on, as codes: one stretch of the ring, or two.</summary>
    private void DownloadDrawn(int first, int items, Span<int> codes)
    {
        Tensor drawn = _state.Drawn.Prefix(PriorState.StepsAtOnce, items); // (R, N)
        int row = first % PriorState.StepsAtOnce, count = codes.Length / items;
        int straight = Math.Min(count, PriorState.StepsAtOnce - row);
        drawn.Slice(row, straight).Download(codes[..(straight * items)]);
        if (straight < count)
        {
            drawn.Slice(0, count - straight).Download(codes[(straight * items)..]);
        }

        int vocabulary = Spec.VocabularySize - Spec.CodebookSize;
        for (int i = 0; i < codes.Length; i++)
        {
            if (codes[i] == IBackend.NotFinite)
            {
                _window = null;
                throw new ArithmeticException("the logits are not finite: the model's weights are damaged or too large for their storage");
            }

            codes[i] -= vocabulary;
        }
    }
}
