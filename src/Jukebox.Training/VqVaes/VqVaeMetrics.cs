namespace Jukebox.Training.VqVaes;

/// <summary>Adds up what the levels of one step report, under the reference's names; its levels count from 1.</summary>
internal sealed class VqVaeMetrics(ReconstructionWeights weights)
{
    private readonly Dictionary<string, double> _values = [];
    private int _codebooks;

    /// <summary>One level's; level 0 also gives the terms that have no level in their name.</summary>
    public void Add(VqVaeLevel level, ReconstructionTerms terms, CodebookUse? use)
    {
        int number = level.Level + 1;
        _values[$"recons_loss_l{number}"] = terms.Samples;
        _values[$"spectral_loss_l{number}"] = terms.Spectral;
        _values[$"multispectral_loss_l{number}"] = terms.Multispectral;
        Sum("recons_loss", terms.Samples);
        Sum("spectral_loss", terms.Spectral);
        Sum("multispectral_loss", terms.Multispectral);
        Sum("commit_loss", level.CommitLoss);
        Sum("loss", terms.Samples + (weights.Multispectral * terms.Multispectral) + (weights.Commit * level.CommitLoss));
        if (weights.Spectral != 0)
        {
            Sum("loss", weights.Spectral * terms.Spectral);
        }

        if (level.Level == 0)
        {
            _values["spectral_convergence"] = terms.Convergence;
            _values["l1_loss"] = terms.Absolute;
            _values["l2_loss"] = terms.Square;
            _values["linf_loss"] = terms.Largest;
        }

        if (use is not null)
        {
            _codebooks++;
            _values[$"usage_l{number}"] = use.Used;
            Sum("fit", level.Fit);
            Sum("pn", level.Spread);
            Sum("entropy", use.Entropy);
            Sum("used_curr", use.UsedNow);
            Sum("usage", use.Used);
            Sum("dk", use.Moved);
        }
    }

    /// <summary>The totals; codebooks' are means over levels.</summary>
    public Dictionary<string, double> ToDictionary()
    {
        foreach (string name in (ReadOnlySpan<string>)["fit", "pn", "entropy", "used_curr", "usage", "dk"])
        {
            if (_codebooks > 0)
            {
                _values[name] /= _codebooks;
            }
        }

        return _values;
    }

    private void Sum(string name, double value) => _values[name] = _values.GetValueOrDefault(name) + value;
}
