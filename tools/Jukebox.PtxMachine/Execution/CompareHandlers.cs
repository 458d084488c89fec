using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.PtxMachine.Execution;

internal interface ICompare<T>
{
    static abstract Vector512<T> Apply(Vector512<T> a, Vector512<T> b);
}

internal readonly struct IsEqual<T> : ICompare<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => Vector512.Equals(a, b);
}

internal readonly struct IsLess<T> : ICompare<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => Vector512.LessThan(a, b);
}

internal readonly struct IsLessOrEqual<T> : ICompare<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => Vector512.LessThanOrEqual(a, b);
}

internal readonly struct Swapped<T, TCompare> : ICompare<T>
    where TCompare : struct, ICompare<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => TCompare.Apply(b, a);
}

internal readonly struct Not<T, TCompare> : ICompare<T>
    where TCompare : struct, ICompare<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => ~TCompare.Apply(a, b);
}

/// <summary>16-bit operands by their sign.</summary>
internal readonly struct SignedCompare16<TCompare> : ICompare<int>
    where TCompare : struct, ICompare<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Apply(Vector512<int> a, Vector512<int> b) => TCompare.Apply(SignExtend16.Apply(a), SignExtend16.Apply(b));
}

/// <summary>
/// <c>setp</c>: predicate D, and its opposite D1 where that is wanted. <see cref="Instruction.Detail"/> says how predicate C joins in: 0 not
/// at all, 1 and, 2 or, 3 exclusive or; with 4 added, C is taken negated.
/// </summary>
internal static unsafe class CompareHandlers
{
    /// <summary>Marks a missing second result.</summary>
    public const int None = -1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SetPredicate<T, TCompare>(Warp* w, Instruction* i)
        where T : unmanaged
        where TCompare : struct, ICompare<T>
    {
        uint result = 0;
        for (int part = 0; part < sizeof(T) / 2; part++)
        {
            Vector512<T> mask = TCompare.Apply(Lanes.Load<T>(w, i->A, part), Lanes.Load<T>(w, i->B, part));
            result |= (uint)mask.ExtractMostSignificantBits() << (64 / sizeof(T) * part);
        }

        if (i->Detail == 0 && i->D1 == None)
        {
            Lanes.StorePredicate(w, i->D, result);
            return;
        }

        uint opposite = Combine(w, i, ~result);
        result = Combine(w, i, result);
        Lanes.StorePredicate(w, i->D, result);
        if (i->D1 != None)
        {
            Lanes.StorePredicate(w, i->D1, opposite);
        }
    }

    private static uint Combine(Warp* w, Instruction* i, uint result)
    {
        if (i->Detail == 0)
        {
            return result;
        }

        uint other = Lanes.Predicate(w, i->C) ^ (i->Detail > 3 ? ~0u : 0);
        return (i->Detail & 3) switch
        {
            1 => result & other,
            2 => result | other,
            _ => result ^ other,
        };
    }
}

/// <summary>Logic between predicates.</summary>
internal static unsafe class PredicateHandlers
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void And(Warp* w, Instruction* i) => Lanes.StorePredicate(w, i->D, Lanes.Predicate(w, i->A) & Lanes.Predicate(w, i->B));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Or(Warp* w, Instruction* i) => Lanes.StorePredicate(w, i->D, Lanes.Predicate(w, i->A) | Lanes.Predicate(w, i->B));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Xor(Warp* w, Instruction* i) => Lanes.StorePredicate(w, i->D, Lanes.Predicate(w, i->A) ^ Lanes.Predicate(w, i->B));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Not(Warp* w, Instruction* i) => Lanes.StorePredicate(w, i->D, ~Lanes.Predicate(w, i->A));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(Warp* w, Instruction* i) => Lanes.StorePredicate(w, i->D, Lanes.Predicate(w, i->A));
}
