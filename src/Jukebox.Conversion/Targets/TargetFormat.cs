namespace Jukebox.Conversion.Targets;

/// <summary>What a conversion writes.</summary>
public enum TargetFormat
{
    /// <summary>A model folder, which jukebox-native runs.</summary>
    ModelFolder,

    /// <summary>Checkpoints in PyTorch's zip format, which the reference's loader reads.</summary>
    Checkpoints,
}
