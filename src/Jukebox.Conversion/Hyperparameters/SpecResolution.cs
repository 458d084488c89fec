using Jukebox.Core.Errors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Hyperparameters;

/// <summary>
/// Settles on a specification: first as the source's hyperparameters have it; if the tensors do not fit that, as their
/// shapes have it. Shapes win only where they then fit exactly.
/// </summary>
/// <param name="part">The part.</param>
/// <param name="read">Reads the specification, shapes first or not.</param>
/// <param name="problemOf">What is wrong with one, or null.</param>
/// <param name="tableOf">Its tensors.</param>
internal sealed class SpecResolution<TSpec>(
    ModelPart part, Func<bool, TSpec> read, Func<TSpec, string?> problemOf, Func<TSpec, IReadOnlyList<TensorEntry>> tableOf)
{
    /// <summary>The specification and the tensors matched with it.</summary>
    /// <exception cref="DamagedFileException">No specification fits; the message lists what is missing, misshapen and unexpected.</exception>
    public (TSpec Spec, TensorCheck Check) Resolve(List<string> notes)
    {
        Attempt stated = Try(shapesFirst: false);
        if (stated.Check is { IsComplete: true } fits && Surplus(fits).Length == 0)
        {
            return (stated.Spec!, fits);
        }

        Attempt shaped = Try(shapesFirst: true);
        if (shaped.Check is { IsComplete: true } exact && Surplus(exact).Length == 0)
        {
            notes.Add($"{part.Path}: its hyperparameters do not fit the shapes of its tensors; the shapes were believed.");
            return (shaped.Spec!, exact);
        }

        if (stated.Check is not { IsComplete: true } complete)
        {
            throw stated.Error ?? stated.Check!.Failure();
        }

        string[] surplus = Surplus(complete);
        notes.Add($"{part.Path}: {surplus.Length} unexpected tensors were left out ({Text.List(surplus, 10)}).");
        return (stated.Spec!, complete);
    }

    private static string[] Surplus(TensorCheck check) => [.. check.Unexpected.Where(name => name != TiedOutput.OutputName)];

    private Attempt Try(bool shapesFirst)
    {
        try
        {
            TSpec spec = read(shapesFirst);
            return problemOf(spec) is { } problem
                ? new Attempt(default, null, new DamagedFileException(part.Path, -1, $"its hyperparameters make no sense: {problem}", "check where the file comes from"))
                : new Attempt(spec, new TensorCheck(part, tableOf(spec)), null);
        }
        catch (DamagedFileException e)
        {
            return new Attempt(default, null, e);
        }
    }

    private sealed record Attempt(TSpec? Spec, TensorCheck? Check, DamagedFileException? Error);
}
