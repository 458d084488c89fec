using System.Runtime.CompilerServices;

namespace Jukebox.PtxMachine.Execution;

/// <summary>What a barrier does besides waiting: fold a predicate of all its threads.</summary>
internal enum BarrierKind : byte
{
    Wait,
    Count,
    All,
    Any,
}

/// <summary>Arguments and results of calls, which lie in local memory.</summary>
internal static unsafe class CallHandlers
{
    /// <summary>Copies of every active lane; Extra holds their count, then from, to and length of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CopyLocal(Warp* w, Instruction* i)
    {
        for (uint mask = w->Mask; mask != 0;)
        {
            byte* local = w->Local + ((long)Lanes.Take(ref mask) * w->LocalBytes);
            for (int k = 0; k < i->Extra[0]; k++)
            {
                int* copy = i->Extra + 1 + (3 * k);
                Unsafe.CopyBlockUnaligned(local + copy[1], local + copy[0], (uint)copy[2]);
            }
        }
    }
}
