using System.Runtime.CompilerServices;

namespace Jukebox.PtxMachine.Execution;

/// <summary>
/// <c>cp.async</c>: done at once, which is one of the orders that hardware may choose; the observer finds reads that another order would
/// break. The global address is in A, the shared one in C (with D1 as the width that <see cref="Instruction.B"/> is elsewhere); D2 holds
/// how many bytes are read, the rest being zero.
/// </summary>
internal static unsafe class AsyncHandlers
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy<TMode>(Warp* w, Instruction* i)
        where TMode : struct, IMode
    {
        int lengthBytes = i->Detail;
        uint active = w->Mask;
        uint* sourceBytes = Lanes.Pointer32(w, i->D2);
        Instruction target = Target(i);
        uint reading = 0;
        for (uint mask = active; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            reading |= sourceBytes[lane] == 0 ? 0 : 1u << lane;
        }

        uint allowed = active;
        if (TMode.IsObserved)
        {
            allowed = ObserveCopy(w, i, &target, lengthBytes, ref reading);
        }

        byte** from = stackalloc byte*[Lanes.Count], to = stackalloc byte*[Lanes.Count];
        w->Mask = reading;
        GenericSpace.Resolve(w, i, lengthBytes, from);
        w->Mask = allowed;
        SharedSpace.Resolve(w, &target, lengthBytes, to);
        for (uint mask = allowed; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            uint read = ((reading >> lane) & 1) == 0 ? 0 : Math.Min(sourceBytes[lane], (uint)lengthBytes);
            Unsafe.CopyBlockUnaligned(to[lane], from[lane], read);
            Unsafe.InitBlockUnaligned(to[lane] + read, 0, (uint)lengthBytes - read);
        }

        w->Mask = active;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Commit<TMode>(Warp* w, Instruction* i)
        where TMode : struct, IMode
    {
        if (TMode.IsObserved)
        {
            Observer.Current.OnAsyncCommit(w, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Wait<TMode>(Warp* w, Instruction* i)
        where TMode : struct, IMode
    {
        if (TMode.IsObserved)
        {
            Observer.Current.OnAsyncWait(w, i, (int)i->Immediate);
        }
    }

    /// <summary>The instruction as a store to shared memory.</summary>
    private static Instruction Target(Instruction* i)
    {
        Instruction target = *i;
        target.A = i->C;
        target.B = i->D1;
        target.Immediate = i->D3;
        return target;
    }

    private static uint ObserveCopy(Warp* w, Instruction* i, Instruction* target, int lengthBytes, ref uint reading)
    {
        uint active = w->Mask;
        w->Mask = reading;
        uint readable = reading == 0 ? 0 : GenericSpace.Observe(w, i, lengthBytes, AccessKind.Load);
        w->Mask = active & ~(reading & ~readable);
        reading = readable;
        uint allowed = w->Mask == 0 ? 0 : SharedSpace.Observe(w, target, lengthBytes, AccessKind.Store);
        ulong* offsets = stackalloc ulong[Lanes.Count];
        Addresses.ReadShared(w, target, offsets);
        Observer.Current.OnAsyncCopy(w, i, offsets, lengthBytes, allowed);
        w->Mask = active;
        reading &= allowed;
        return allowed;
    }
}
