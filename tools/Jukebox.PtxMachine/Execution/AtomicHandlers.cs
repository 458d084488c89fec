using System.Runtime.CompilerServices;

namespace Jukebox.PtxMachine.Execution;

/// <summary>What an atomic leaves in memory.</summary>
internal interface IAtomic<T>
{
    static abstract T Apply(T old, T operand, T second);
}

/// <summary>
/// Atomics, lane after lane, each a compare-and-swap loop: other blocks run on other cores. D is the old value's register (a slot that
/// nobody reads for <c>red</c>), C the operand and D1 the second one; Detail is the scope of the fence that a releasing one begins with. As for
/// every access, A and B belong to the address.
/// </summary>
internal static unsafe class AtomicHandlers
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Update<TMode, TSpace, T, TLane, TOperation>(Warp* w, Instruction* i)
        where TMode : struct, IMode
        where TSpace : struct, ISpace
        where T : unmanaged
        where TLane : unmanaged
        where TOperation : struct, IAtomic<T>
    {
        uint active = w->Mask;
        FenceHandlers.Observe<TMode>(w, (FenceScope)i->Detail);
        if (TMode.IsObserved)
        {
            w->Mask = TSpace.Observe(w, i, sizeof(T), AccessKind.Atomic);
        }

        byte** pointers = stackalloc byte*[Lanes.Count];
        TSpace.Resolve(w, i, sizeof(T), pointers);
        TLane* d = (TLane*)(w->Registers + i->D), operand = (TLane*)(w->Registers + i->C), second = (TLane*)(w->Registers + i->D1);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            T old = Exchange<T, TOperation>((T*)pointers[lane], *(T*)(operand + lane), *(T*)(second + lane));
            d[lane] = default;
            *(T*)(d + lane) = old;
        }

        w->Mask = active;
    }

    private static T Exchange<T, TOperation>(T* target, T operand, T second)
        where T : unmanaged
        where TOperation : struct, IAtomic<T>
    {
        while (true)
        {
            T old = Volatile(target);
            T updated = TOperation.Apply(old, operand, second);
            if (sizeof(T) == 8)
            {
                if (Interlocked.CompareExchange(ref *(long*)target, Unsafe.BitCast<T, long>(updated), Unsafe.BitCast<T, long>(old)) == Unsafe.BitCast<T, long>(old))
                {
                    return old;
                }
            }
            else if (sizeof(T) == 4)
            {
                if (Interlocked.CompareExchange(ref *(int*)target, Unsafe.BitCast<T, int>(updated), Unsafe.BitCast<T, int>(old)) == Unsafe.BitCast<T, int>(old))
                {
                    return old;
                }
            }
            else if (Interlocked.CompareExchange(ref *(ushort*)target, Unsafe.BitCast<T, ushort>(updated), Unsafe.BitCast<T, ushort>(old)) == Unsafe.BitCast<T, ushort>(old))
            {
                return old;
            }
        }
    }

    private static T Volatile<T>(T* target)
        where T : unmanaged => sizeof(T) switch
        {
            8 => Unsafe.BitCast<long, T>(System.Threading.Volatile.Read(ref *(long*)target)),
            4 => Unsafe.BitCast<int, T>(System.Threading.Volatile.Read(ref *(int*)target)),
            _ => Unsafe.BitCast<ushort, T>(System.Threading.Volatile.Read(ref *(ushort*)target)),
        };
}

internal readonly struct AtomicAdd<T> : IAtomic<T>
    where T : System.Numerics.INumberBase<T>
{
    public static T Apply(T old, T operand, T second) => unchecked(old + operand);
}

internal readonly struct AtomicMinimum<T> : IAtomic<T>
    where T : System.Numerics.INumber<T>
{
    public static T Apply(T old, T operand, T second) => T.MinNumber(old, operand);
}

internal readonly struct AtomicMaximum<T> : IAtomic<T>
    where T : System.Numerics.INumber<T>
{
    public static T Apply(T old, T operand, T second) => T.MaxNumber(old, operand);
}

internal readonly struct AtomicAnd<T> : IAtomic<T>
    where T : System.Numerics.IBitwiseOperators<T, T, T>
{
    public static T Apply(T old, T operand, T second) => old & operand;
}

internal readonly struct AtomicOr<T> : IAtomic<T>
    where T : System.Numerics.IBitwiseOperators<T, T, T>
{
    public static T Apply(T old, T operand, T second) => old | operand;
}

internal readonly struct AtomicXor<T> : IAtomic<T>
    where T : System.Numerics.IBitwiseOperators<T, T, T>
{
    public static T Apply(T old, T operand, T second) => old ^ operand;
}

internal readonly struct AtomicExchange<T> : IAtomic<T>
{
    public static T Apply(T old, T operand, T second) => operand;
}

internal readonly struct AtomicCompareAndSwap<T> : IAtomic<T>
    where T : IEquatable<T>
{
    public static T Apply(T old, T operand, T second) => old.Equals(operand) ? second : old;
}

/// <summary>Counts up to the operand, then starts at 0 again.</summary>
internal readonly struct AtomicIncrement : IAtomic<uint>
{
    public static uint Apply(uint old, uint operand, uint second) => old >= operand ? 0 : old + 1;
}

/// <summary>Counts down to 0, then starts at the operand again.</summary>
internal readonly struct AtomicDecrement : IAtomic<uint>
{
    public static uint Apply(uint old, uint operand, uint second) => old == 0 || old > operand ? operand : old - 1;
}

/// <summary>Adds 16-bit floats, rounding once.</summary>
internal readonly struct AtomicAddHalf<TFormat> : IAtomic<ushort>
    where TFormat : struct, IHalfFormat
{
    public static ushort Apply(ushort old, ushort operand, ushort second) => TFormat.Narrow((double)TFormat.Widen(old) + TFormat.Widen(operand));
}

/// <summary>Adds two 16-bit floats at once.</summary>
internal readonly struct AtomicAddPair<TFormat> : IAtomic<uint>
    where TFormat : struct, IHalfFormat
{
    public static uint Apply(uint old, uint operand, uint second)
    {
        uint low = AtomicAddHalf<TFormat>.Apply((ushort)old, (ushort)operand, 0);
        return low | ((uint)AtomicAddHalf<TFormat>.Apply((ushort)(old >> 16), (ushort)(operand >> 16), 0) << 16);
    }
}
