namespace Jukebox.Training.Runs;

/// <summary>Means of figures over steps or batches, each over those that had it.</summary>
internal sealed class MetricsMean
{
    private readonly Dictionary<string, (double Sum, long Count)> _sums = [];

    /// <summary>Whether nothing was added.</summary>
    public bool IsEmpty => _sums.Count == 0;

    /// <summary>Takes the figures of one step.</summary>
    public void Add(IEnumerable<KeyValuePair<string, double>> figures)
    {
        foreach ((string name, double value) in figures)
        {
            (double sum, long count) = _sums.GetValueOrDefault(name);
            _sums[name] = (sum + value, count + 1);
        }
    }

    /// <summary>The means, in the order in which figures came first; begins anew.</summary>
    public Dictionary<string, double> Take()
    {
        Dictionary<string, double> means = _sums.ToDictionary(figure => figure.Key, figure => figure.Value.Sum / figure.Value.Count);
        _sums.Clear();
        return means;
    }
}
