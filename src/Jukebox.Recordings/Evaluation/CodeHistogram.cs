namespace Jukebox.Recordings.Evaluation;

/// <summary>How often each code of a codebook was used.</summary>
/// <param name="codebookSize">Codes there are.</param>
internal sealed class CodeHistogram(int codebookSize)
{
    private readonly long[] _counts = new long[codebookSize];

    /// <summary>Codes that were counted.</summary>
    public long Total { get; private set; }

    /// <summary>Different codes among them.</summary>
    public int UsedCodes => _counts.Count(count => count > 0);

    /// <summary>Share of the codebook that was used at least once.</summary>
    public double UsedShare => (double)UsedCodes / _counts.Length;

    /// <summary>Entropy of the codes, taken singly: the bits per code of a model that knows how often each is used, and nothing else.</summary>
    public double EntropyBits
    {
        get
        {
            double entropy = 0;
            foreach (long count in _counts)
            {
                entropy -= count == 0 ? 0 : (double)count / Total * Math.Log2((double)count / Total);
            }

            return entropy;
        }
    }

    /// <summary>2 to the power of the entropy: as many codes, used equally, would be as varied.</summary>
    public double Perplexity => Math.Pow(2, EntropyBits);

    /// <summary>Counts codes.</summary>
    public void Add(ReadOnlySpan<int> codes)
    {
        foreach (int code in codes)
        {
            _counts[code]++;
        }

        Total += codes.Length;
    }

    /// <summary>Counts what another has counted.</summary>
    public void Add(CodeHistogram other)
    {
        for (int code = 0; code < _counts.Length; code++)
        {
            _counts[code] += other._counts[code];
        }

        Total += other.Total;
    }
}
