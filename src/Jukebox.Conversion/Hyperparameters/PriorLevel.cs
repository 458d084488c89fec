namespace Jukebox.Conversion.Hyperparameters;

/// <summary>Which level a prior is for: what the user says, then the file's name, then the hyperparameters.</summary>
internal sealed class PriorLevel(ModelPart part, int? given)
{
    /// <summary>The level.</summary>
    /// <param name="levels">Levels of the VQ-VAE, if it is known.</param>
    /// <exception cref="ConversionException">Nothing tells the level, or two things tell different ones.</exception>
    public int Find(int? levels)
    {
        if (given is not null)
        {
            return given.Value;
        }

        bool isUpsampler = new TensorNames(part.Tensors).Any("conditioner_blocks.");
        int? stated = new HyperparameterLookup(part.Path, part.Hyperparameters, null, false).OptionalInteger("level");

        // A top level's own 'level' is often the default, 0: where the VQ-VAE is known, it tells.
        if (!isUpsampler && levels is not null && part.Level is null)
        {
            return levels.Value - 1;
        }

        // Zero is what a checkpoint says when its makers never set it.
        if (part.Level is not null && stated is not null && stated != part.Level && (isUpsampler || stated != 0))
        {
            throw new ConversionException(
                $"{part.Path}: its name or place says level {part.Level}, its hyperparameters say level {stated}; say which with --level, converting it alone.");
        }

        return part.Level ?? stated ?? throw new ConversionException(
            $"{part.Path}: nothing tells which level this prior is for; say it with --level, or name the file prior_level_N.pth.tar.");
    }
}
