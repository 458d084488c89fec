using Jukebox.Core.Tensors;

namespace Jukebox.Core.Contract;

/// <summary>
/// A linear layer as one device computes with it: its matrix in the storage and order that the device reads fastest, and its bias.
/// Made by <see cref="IBackend.Pack"/>, taken by <see cref="IBackend.Linear"/> and <see cref="IBackend.NormLinear"/> of the same
/// device; what the bytes mean is the device's own affair. Whoever had it made disposes it; disposing twice is fine.
/// </summary>
/// <param name="inputWidth">Input channels.</param>
/// <param name="outputWidth">Output channels.</param>
/// <param name="type">How an element of the matrix is stored.</param>
public abstract class PackedMatrix(int inputWidth, int outputWidth, ElementType type) : IDisposable
{
    /// <summary>Input channels.</summary>
    public int InputWidth => inputWidth;

    /// <summary>Output channels.</summary>
    public int OutputWidth => outputWidth;

    /// <summary>How an element of the matrix is stored: <see cref="IBackend.PackedType"/> of what it was made of.</summary>
    public ElementType Type => type;

    /// <summary>Order of the elements, for people: "input-major".</summary>
    public abstract string Layout { get; }

    /// <summary>Bytes of the matrix, wherever they are, without the bias: <see cref="IBackend.PackedBytes"/>.</summary>
    public abstract long LengthBytes { get; }

    /// <summary>Whether it was disposed: an operation that gets it then throws <see cref="ObjectDisposedException"/>.</summary>
    public bool IsDisposed { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!IsDisposed)
        {
            IsDisposed = true;
            Free();
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Shape, storage and order, as error messages show them.</summary>
    public override string ToString() => $"({InputWidth}, {OutputWidth}) {Type}, {Layout}";

    /// <summary>Frees the matrix and the bias.</summary>
    protected abstract void Free();
}
