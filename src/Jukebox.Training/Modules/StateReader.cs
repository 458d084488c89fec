using System.Runtime.InteropServices;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;

namespace Jukebox.Training.Modules;

/// <summary>Reads arrays that a checkpoint holds beside the parameters.</summary>
internal static class StateReader
{
    /// <summary>Fills an array with the float32 tensor of that name, which must have as many elements.</summary>
    /// <exception cref="DamagedFileException">It is missing, or of another type or length.</exception>
    public static unsafe void Read(WeightFile file, string name, Span<float> destination)
    {
        StoredTensor stored = file[name];
        if (stored.Type != ElementType.F32 || stored.Shape.LengthElements != destination.Length)
        {
            throw new DamagedFileException(
                file.Path, -1, $"'{name}' is {stored.Shape} {stored.Type}, not {destination.Length} F32 values", "resume from an earlier checkpoint");
        }

        new ReadOnlySpan<byte>(stored.Pointer, destination.Length * sizeof(float)).CopyTo(MemoryMarshal.AsBytes(destination));
    }
}
