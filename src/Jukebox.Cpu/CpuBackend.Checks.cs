using Jukebox.Core;

namespace Jukebox.Cpu;

/// <summary>Shape checks: a comparison when all is well, a message with every shape when not.</summary>
public sealed unsafe partial class CpuBackend
{
    private static void Require(bool fits, string operation, params ReadOnlySpan<Tensor> tensors)
    {
        if (!fits)
        {
            ThrowMismatch(operation, tensors);
        }
    }

    private static void ThrowMismatch(string operation, ReadOnlySpan<Tensor> tensors)
    {
        var shapes = new string[tensors.Length];
        for (int i = 0; i < shapes.Length; i++)
        {
            shapes[i] = tensors[i].ToString();
        }

        throw new ArgumentException($"{operation}: the shapes do not fit together: {string.Join(", ", shapes)}");
    }
}
