namespace Jukebox.PtxMachine.Execution;

// Instructions on fields and bytes of registers. Positions and lengths are taken from the low 8 bits, as PTX has it.
internal readonly struct ExtractU32 : ILaneTernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint position, uint length) => (uint)ExtractU64.Field(a, position & 255, length & 255);
}

internal readonly struct ExtractS32 : ILaneTernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint position, uint length) => (uint)ExtractS64.Field((int)a, position & 255, length & 255, 32);
}

internal readonly struct ExtractU64 : ILaneTernary<ulong, ulong, uint, uint>
{
    public static ulong Apply(ulong a, uint position, uint length) => Field(a, position & 255, length & 255);

    internal static ulong Field(ulong a, uint position, uint length)
    {
        a = position > 63 ? 0 : a >> (int)position;
        return length > 63 ? a : a & ((1ul << (int)length) - 1);
    }
}

internal readonly struct ExtractS64 : ILaneTernary<ulong, ulong, uint, uint>
{
    public static ulong Apply(ulong a, uint position, uint length) => Field((long)a, position & 255, length & 255, 64);

    /// <summary>The field's own top bit, or the value's where the field passes it, is repeated above.</summary>
    internal static ulong Field(long a, uint position, uint length, uint width)
    {
        if (length == 0)
        {
            return 0;
        }

        uint top = Math.Min(position + length - 1, width - 1);
        ulong sign = ((ulong)a >> (int)top) & 1;
        ulong field = position > 63 ? 0 : (ulong)a >> (int)position;
        uint kept = position > top ? 0 : top - position + 1;
        ulong mask = kept > 63 ? ulong.MaxValue : (1ul << (int)kept) - 1;
        return (field & mask) | (sign == 0 ? 0 : ~mask);
    }
}

/// <summary>B with a field of A inserted; position and length are the third and fourth operand.</summary>
internal static unsafe class InsertHandlers
{
    public static void Insert32(Warp* w, Instruction* i)
    {
        uint* d = Lanes.Pointer32(w, i->D), a = Lanes.Pointer32(w, i->A), b = Lanes.Pointer32(w, i->B);
        uint* position = Lanes.Pointer32(w, i->C), length = Lanes.Pointer32(w, i->D1);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            d[lane] = (uint)Insert(a[lane], b[lane], position[lane] & 255, length[lane] & 255);
        }
    }

    public static void Insert64(Warp* w, Instruction* i)
    {
        ulong* d = Lanes.Pointer64(w, i->D), a = Lanes.Pointer64(w, i->A), b = Lanes.Pointer64(w, i->B);
        uint* position = Lanes.Pointer32(w, i->C), length = Lanes.Pointer32(w, i->D1);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            d[lane] = Insert(a[lane], b[lane], position[lane] & 255, length[lane] & 255);
        }
    }

    private static ulong Insert(ulong a, ulong b, uint position, uint length)
    {
        if (position > 63 || length == 0)
        {
            return b;
        }

        ulong mask = (length > 63 ? ulong.MaxValue : (1ul << (int)length) - 1) << (int)position;
        return (b & ~mask) | ((a << (int)position) & mask);
    }
}

/// <summary>Four bytes picked from eight, each with the sign repeated where its selector says so.</summary>
internal readonly struct PermuteBytes : ILaneTernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint selector)
    {
        ulong bytes = a | ((ulong)b << 32);
        uint result = 0;
        for (int k = 0; k < 4; k++)
        {
            uint pick = (selector >> (4 * k)) & 15;
            uint value = (uint)(bytes >> (int)(8 * (pick & 7))) & 0xFF;
            value = (pick & 8) == 0 ? value : (value & 0x80) == 0 ? 0 : 0xFFu;
            result |= value << (8 * k);
        }

        return result;
    }
}

/// <summary>The modes of <c>prmt</c>; the selector's low two bits choose.</summary>
internal readonly struct PermuteMode<TMode> : ILaneTernary<uint, uint, uint, uint>
    where TMode : struct, IPermuteMode
{
    public static uint Apply(uint a, uint b, uint selector) => PermuteBytes.Apply(a, b, TMode.Selectors[(int)(selector & 3)]);
}

internal interface IPermuteMode
{
    static abstract ReadOnlySpan<ushort> Selectors { get; }
}

internal readonly struct PermuteForward4 : IPermuteMode
{
    public static ReadOnlySpan<ushort> Selectors => [0x3210, 0x4321, 0x5432, 0x6543];
}

internal readonly struct PermuteBackward4 : IPermuteMode
{
    public static ReadOnlySpan<ushort> Selectors => [0x5670, 0x6701, 0x7012, 0x0123];
}

internal readonly struct PermuteReplicate8 : IPermuteMode
{
    public static ReadOnlySpan<ushort> Selectors => [0x0000, 0x1111, 0x2222, 0x3333];
}

internal readonly struct PermuteClampLeft : IPermuteMode
{
    public static ReadOnlySpan<ushort> Selectors => [0x3210, 0x3211, 0x3222, 0x3333];
}

internal readonly struct PermuteClampRight : IPermuteMode
{
    public static ReadOnlySpan<ushort> Selectors => [0x0000, 0x1110, 0x2210, 0x3210];
}

internal readonly struct PermuteReplicate16 : IPermuteMode
{
    public static ReadOnlySpan<ushort> Selectors => [0x1010, 0x3232, 0x1010, 0x3232];
}

/// <summary>32 bits out of the 64 of b:a, shifted left: the upper half.</summary>
internal readonly struct FunnelLeft<TCount> : ILaneTernary<uint, uint, uint, uint>
    where TCount : struct, IFunnelCount
{
    public static uint Apply(uint a, uint b, uint count) => (uint)((((ulong)b << 32 | a) << (int)TCount.Of(count)) >> 32);
}

/// <summary>32 bits out of the 64 of b:a, shifted right: the lower half.</summary>
internal readonly struct FunnelRight<TCount> : ILaneTernary<uint, uint, uint, uint>
    where TCount : struct, IFunnelCount
{
    public static uint Apply(uint a, uint b, uint count) => (uint)(((ulong)b << 32 | a) >> (int)TCount.Of(count));
}

internal interface IFunnelCount
{
    static abstract uint Of(uint count);
}

internal readonly struct FunnelWrap : IFunnelCount
{
    public static uint Of(uint count) => count & 31;
}

internal readonly struct FunnelClamp : IFunnelCount
{
    public static uint Of(uint count) => Math.Min(count, 32);
}

/// <summary>Any function of three bits, by its table of eight: the low byte of <c>lop3</c>'s last operand.</summary>
internal static unsafe class LogicHandlers
{
    public static void Table(Warp* w, Instruction* i)
    {
        uint* d = Lanes.Pointer32(w, i->D), a = Lanes.Pointer32(w, i->A), b = Lanes.Pointer32(w, i->B), c = Lanes.Pointer32(w, i->C);
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            uint result = 0;
            for (int row = 0; row < 8; row++)
            {
                uint term = ((row & 4) == 0 ? ~a[lane] : a[lane]) & ((row & 2) == 0 ? ~b[lane] : b[lane]) & ((row & 1) == 0 ? ~c[lane] : c[lane]);
                result |= ((i->Immediate >> row) & 1) == 0 ? 0 : term;
            }

            d[lane] = result;
        }
    }
}

/// <summary>Four products of bytes added up; the signs are the types'.</summary>
internal readonly struct DotBytes<TA, TB> : ILaneTernary<uint, uint, uint, uint>
    where TA : struct, IByteSign
    where TB : struct, IByteSign
{
    public static uint Apply(uint a, uint b, uint c)
    {
        int sum = (int)c;
        for (int k = 0; k < 4; k++)
        {
            sum += TA.Of(a >> (8 * k)) * TB.Of(b >> (8 * k));
        }

        return (uint)sum;
    }
}

internal interface IByteSign
{
    static abstract int Of(uint value);
}

internal readonly struct SignedByte : IByteSign
{
    public static int Of(uint value) => (sbyte)value;
}

internal readonly struct UnsignedByte : IByteSign
{
    public static int Of(uint value) => (byte)value;
}
