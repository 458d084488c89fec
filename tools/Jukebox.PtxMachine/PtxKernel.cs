using Jukebox.PtxMachine.Parsing;
using Jukebox.PtxMachine.Program;

namespace Jukebox.PtxMachine;

/// <summary>One entry point of a module.</summary>
public sealed class PtxKernel
{
    internal PtxKernel(PtxModule module, PtxFunction function)
    {
        Module = module;
        Function = function;
        int offset = 0;
        var parameters = new List<PtxParameter>();
        foreach (Variable variable in function.Parameters)
        {
            offset = Layout.Align(offset, variable.Alignment);
            parameters.Add(new PtxParameter(variable.Name, offset, (int)variable.LengthBytes, variable.Alignment));
            offset += (int)variable.LengthBytes;
        }

        Parameters = parameters;
        ParameterBytes = offset;
        Layout = Layout.Of(module, function);
    }

    public string Name => Function.Name;

    public PtxModule Module { get; }

    /// <summary>In order, with the offsets at which a launch's bytes hold them.</summary>
    public IReadOnlyList<PtxParameter> Parameters { get; }

    /// <summary>Length of the bytes that a launch takes.</summary>
    public int ParameterBytes { get; }

    /// <summary>Shared memory per block that the code declares; dynamic shared memory comes on top.</summary>
    public int StaticSharedBytes => Layout.SharedBytes;

    /// <summary>Local memory per thread, called functions included.</summary>
    public int LocalBytes => Layout.LocalBytes;

    /// <summary>Bytes of the module's constant variables.</summary>
    public long ConstBytes => Module.Globals.Where(g => g.IsConstant).Sum(g => g.LengthBytes);

    /// <summary>The block that <c>__launch_bounds__</c> allows, or null.</summary>
    public Dim3? MaxThreads => Function.MaxThreads ?? Function.RequiredThreads;

    /// <summary>The second number of <c>__launch_bounds__</c>, or 0.</summary>
    public int MinBlocksPerMultiprocessor => Function.MinBlocksPerMultiprocessor;

    internal PtxFunction Function { get; }

    internal Layout Layout { get; }
}

/// <summary>One parameter of a kernel: <paramref name="LengthBytes"/> at <paramref name="Offset"/> of the launch's parameter bytes.</summary>
public readonly record struct PtxParameter(string Name, int Offset, int LengthBytes, int Alignment);
