using System.Runtime.CompilerServices;

namespace Jukebox.PtxMachine.Execution;

/// <summary>Whom a fence orders accesses for.</summary>
internal enum FenceScope : byte
{
    None,
    Block,
    Device,
}

internal static unsafe class FenceHandlers
{
    /// <summary>Detail is the scope.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fence<TMode>(Warp* w, Instruction* i)
        where TMode : struct, IMode
    {
        Observe<TMode>(w, (FenceScope)i->Detail);
        Interlocked.MemoryBarrier();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Observe<TMode>(Warp* w, FenceScope scope)
        where TMode : struct, IMode
    {
        if (TMode.IsObserved && scope != FenceScope.None)
        {
            Observer.Current.OnFence(w, scope);
        }
    }
}
