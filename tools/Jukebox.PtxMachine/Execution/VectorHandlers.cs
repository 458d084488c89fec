using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.PtxMachine.Execution;

internal interface IUnary<T>
{
    static abstract Vector512<T> Apply(Vector512<T> a);
}

internal interface IBinary<T>
{
    static abstract Vector512<T> Apply(Vector512<T> a, Vector512<T> b);
}

internal interface ITernary<T>
{
    static abstract Vector512<T> Apply(Vector512<T> a, Vector512<T> b, Vector512<T> c);
}

/// <summary>Instructions whose operands and result are lanes of one width: all of a warp in two or four vector operations.</summary>
internal static unsafe class VectorHandlers
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unary<T, TOperation>(Warp* w, Instruction* i)
        where T : unmanaged
        where TOperation : struct, IUnary<T>
    {
        for (int part = 0; part < sizeof(T) / 2; part++)
        {
            Lanes.Store(w, i->D, part, TOperation.Apply(Lanes.Load<T>(w, i->A, part)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Binary<T, TOperation>(Warp* w, Instruction* i)
        where T : unmanaged
        where TOperation : struct, IBinary<T>
    {
        if (sizeof(T) == 4 && w->Mask == Warp.AllLanes)
        {
            byte* r = w->Registers, a = r + i->A, b = r + i->B;
            Vector512<T> low = TOperation.Apply(*(Vector512<T>*)a, *(Vector512<T>*)b);
            Vector512<T> high = TOperation.Apply(*(Vector512<T>*)(a + 64), *(Vector512<T>*)(b + 64));
            *(Vector512<T>*)(r + i->D) = low;
            *(Vector512<T>*)(r + i->D + 64) = high;
            return;
        }

        for (int part = 0; part < sizeof(T) / 2; part++)
        {
            Lanes.Store(w, i->D, part, TOperation.Apply(Lanes.Load<T>(w, i->A, part), Lanes.Load<T>(w, i->B, part)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Ternary<T, TOperation>(Warp* w, Instruction* i)
        where T : unmanaged
        where TOperation : struct, ITernary<T>
    {
        if (sizeof(T) == 4 && w->Mask == Warp.AllLanes)
        {
            byte* r = w->Registers, a = r + i->A, b = r + i->B, c = r + i->C;
            Vector512<T> low = TOperation.Apply(*(Vector512<T>*)a, *(Vector512<T>*)b, *(Vector512<T>*)c);
            Vector512<T> high = TOperation.Apply(*(Vector512<T>*)(a + 64), *(Vector512<T>*)(b + 64), *(Vector512<T>*)(c + 64));
            *(Vector512<T>*)(r + i->D) = low;
            *(Vector512<T>*)(r + i->D + 64) = high;
            return;
        }

        for (int part = 0; part < sizeof(T) / 2; part++)
        {
            Lanes.Store(w, i->D, part, TOperation.Apply(Lanes.Load<T>(w, i->A, part), Lanes.Load<T>(w, i->B, part), Lanes.Load<T>(w, i->C, part)));
        }
    }

    /// <summary>D = C ? A : B, lane by lane; C is a predicate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Select<T>(Warp* w, Instruction* i)
        where T : unmanaged
    {
        uint choice = Lanes.Predicate(w, i->C);
        for (int part = 0; part < sizeof(T) / 2; part++)
        {
            Vector512<T> mask = sizeof(T) == 4 ? Lanes.Select32(choice, part).As<uint, T>() : Lanes.Select64(choice, part).As<ulong, T>();
            Lanes.Store(w, i->D, part, Vector512.ConditionalSelect(mask, Lanes.Load<T>(w, i->A, part), Lanes.Load<T>(w, i->B, part)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Nothing(Warp* w, Instruction* i)
    {
    }
}
