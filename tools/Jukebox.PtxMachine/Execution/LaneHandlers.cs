using System.Runtime.CompilerServices;

namespace Jukebox.PtxMachine.Execution;

internal interface ILaneUnary<TD, TA>
{
    static abstract TD Apply(TA a);
}

internal interface ILaneBinary<TD, TA, TB>
{
    static abstract TD Apply(TA a, TB b);
}

internal interface ILaneTernary<TD, TA, TB, TC>
{
    static abstract TD Apply(TA a, TB b, TC c);
}

/// <summary>Instructions that are computed lane after lane, because no vector operation of the host does what they do.</summary>
internal static unsafe class LaneHandlers
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unary<TD, TA, TOperation>(Warp* w, Instruction* i)
        where TD : unmanaged
        where TA : unmanaged
        where TOperation : struct, ILaneUnary<TD, TA>
    {
        var d = (TD*)(w->Registers + i->D);
        var a = (TA*)(w->Registers + i->A);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            d[lane] = TOperation.Apply(a[lane]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Binary<TD, TA, TB, TOperation>(Warp* w, Instruction* i)
        where TD : unmanaged
        where TA : unmanaged
        where TB : unmanaged
        where TOperation : struct, ILaneBinary<TD, TA, TB>
    {
        var d = (TD*)(w->Registers + i->D);
        var a = (TA*)(w->Registers + i->A);
        var b = (TB*)(w->Registers + i->B);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            d[lane] = TOperation.Apply(a[lane], b[lane]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Ternary<TD, TA, TB, TC, TOperation>(Warp* w, Instruction* i)
        where TD : unmanaged
        where TA : unmanaged
        where TB : unmanaged
        where TC : unmanaged
        where TOperation : struct, ILaneTernary<TD, TA, TB, TC>
    {
        var d = (TD*)(w->Registers + i->D);
        var a = (TA*)(w->Registers + i->A);
        var b = (TB*)(w->Registers + i->B);
        var c = (TC*)(w->Registers + i->C);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            d[lane] = TOperation.Apply(a[lane], b[lane], c[lane]);
        }
    }
}
