namespace Jukebox.Conversion.Containers;

/// <summary>
/// What wraps a module and shows in the names of its tensors: data parallelism (<c>module.</c>), compilation
/// (<c>_orig_mod.</c>), sharding, gradient checkpointing, trainers (<c>model.</c>). They nest in any order.
/// </summary>
internal static class WrapperNames
{
    /// <summary>Only before a name: within one, these are parts of the model.</summary>
    private static readonly string[] Leading = ["module", "model", "_forward_module"];

    /// <summary>Wherever they stand: no part of a model is called so.</summary>
    private static readonly string[] Anywhere = ["_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"];

    /// <summary>A name without them.</summary>
    public static string Strip(string name)
    {
        string[] parts = name.Split('.');
        string[] own = [.. parts.Where(part => !Anywhere.Contains(part)).SkipWhile(Leading.Contains)];
        return own.Length == parts.Length || own.Length == 0 ? name : string.Join('.', own);
    }
}
