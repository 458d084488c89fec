using System.Numerics;

namespace Jukebox.PtxMachine.Execution;

// Integer instructions that are computed lane after lane. Division by zero gives what the hardware gives: all bits set.
internal readonly struct DivideU32 : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => b == 0 ? uint.MaxValue : a / b;
}

internal readonly struct DivideS32 : ILaneBinary<int, int, int>
{
    public static int Apply(int a, int b) => b == 0 ? -1 : b == -1 ? -a : a / b;
}

internal readonly struct DivideU64 : ILaneBinary<ulong, ulong, ulong>
{
    public static ulong Apply(ulong a, ulong b) => b == 0 ? ulong.MaxValue : a / b;
}

internal readonly struct DivideS64 : ILaneBinary<long, long, long>
{
    public static long Apply(long a, long b) => b == 0 ? -1 : b == -1 ? -a : a / b;
}

internal readonly struct DivideU16 : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => b == 0 ? 0xFFFF : a / b;
}

internal readonly struct DivideS16 : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => b == 0 ? 0xFFFFu : (ushort)((short)a / (short)b);
}

internal readonly struct RemainderU32 : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => b == 0 ? a : a % b;
}

internal readonly struct RemainderS32 : ILaneBinary<int, int, int>
{
    public static int Apply(int a, int b) => b == 0 ? a : b == -1 ? 0 : a % b;
}

internal readonly struct RemainderU64 : ILaneBinary<ulong, ulong, ulong>
{
    public static ulong Apply(ulong a, ulong b) => b == 0 ? a : a % b;
}

internal readonly struct RemainderS64 : ILaneBinary<long, long, long>
{
    public static long Apply(long a, long b) => b == 0 ? a : b == -1 ? 0 : a % b;
}

internal readonly struct RemainderS16 : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => b == 0 ? a : (uint)(ushort)((short)a % (short)b);
}

internal readonly struct MultiplyHighU32 : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => (uint)(((ulong)a * b) >> 32);
}

internal readonly struct MultiplyHighS32 : ILaneBinary<int, int, int>
{
    public static int Apply(int a, int b) => (int)(((long)a * b) >> 32);
}

internal readonly struct MultiplyHighU64 : ILaneBinary<ulong, ulong, ulong>
{
    public static ulong Apply(ulong a, ulong b) => Math.BigMul(a, b, out _);
}

internal readonly struct MultiplyHighS64 : ILaneBinary<long, long, long>
{
    public static long Apply(long a, long b) => Math.BigMul(a, b, out _);
}

internal readonly struct MultiplyHighU16 : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => (a * b) >> 16;
}

internal readonly struct MultiplyHighS16 : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => (ushort)(((short)a * (short)b) >> 16);
}

internal readonly struct MultiplyWideS16 : ILaneBinary<int, int, int>
{
    public static int Apply(int a, int b) => (short)a * (short)b;
}

internal readonly struct MultiplyAddWideS16 : ILaneTernary<int, int, int, int>
{
    public static int Apply(int a, int b, int c) => ((short)a * (short)b) + c;
}

internal readonly struct MultiplyAddHighU32 : ILaneTernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c) => MultiplyHighU32.Apply(a, b) + c;
}

internal readonly struct MultiplyAddHighS32 : ILaneTernary<int, int, int, int>
{
    public static int Apply(int a, int b, int c) => MultiplyHighS32.Apply(a, b) + c;
}

internal readonly struct MultiplyAddHighU64 : ILaneTernary<ulong, ulong, ulong, ulong>
{
    public static ulong Apply(ulong a, ulong b, ulong c) => MultiplyHighU64.Apply(a, b) + c;
}

internal readonly struct MultiplyAddHighS64 : ILaneTernary<long, long, long, long>
{
    public static long Apply(long a, long b, long c) => MultiplyHighS64.Apply(a, b) + c;
}

internal readonly struct Multiply24U : ILaneBinary<uint, uint, uint>
{
    public static uint Apply(uint a, uint b) => (uint)((ulong)(a & 0xFFFFFF) * (b & 0xFFFFFF));
}

internal readonly struct Multiply24S : ILaneBinary<int, int, int>
{
    public static int Apply(int a, int b) => (int)((long)(a << 8 >> 8) * (b << 8 >> 8));
}

internal readonly struct SumOfDifferencesU32 : ILaneTernary<uint, uint, uint, uint>
{
    public static uint Apply(uint a, uint b, uint c) => c + (a < b ? b - a : a - b);
}

internal readonly struct SumOfDifferencesS32 : ILaneTernary<int, int, int, int>
{
    public static int Apply(int a, int b, int c) => c + (a < b ? b - a : a - b);
}

internal readonly struct PopulationCount32 : ILaneUnary<uint, uint>
{
    public static uint Apply(uint a) => (uint)BitOperations.PopCount(a);
}

internal readonly struct PopulationCount64 : ILaneUnary<uint, ulong>
{
    public static uint Apply(ulong a) => (uint)BitOperations.PopCount(a);
}

internal readonly struct LeadingZeros32 : ILaneUnary<uint, uint>
{
    public static uint Apply(uint a) => (uint)BitOperations.LeadingZeroCount(a);
}

internal readonly struct LeadingZeros64 : ILaneUnary<uint, ulong>
{
    public static uint Apply(ulong a) => (uint)BitOperations.LeadingZeroCount(a);
}

internal readonly struct Reverse32 : ILaneUnary<uint, uint>
{
    public static uint Apply(uint a) => (uint)(Reverse64.Apply(a) >> 32);
}

internal readonly struct Reverse64 : ILaneUnary<ulong, ulong>
{
    public static ulong Apply(ulong a)
    {
        a = ((a >> 1) & 0x5555555555555555) | ((a & 0x5555555555555555) << 1);
        a = ((a >> 2) & 0x3333333333333333) | ((a & 0x3333333333333333) << 2);
        a = ((a >> 4) & 0x0F0F0F0F0F0F0F0F) | ((a & 0x0F0F0F0F0F0F0F0F) << 4);
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(a);
    }
}

/// <summary>The highest set bit's number, or all bits set where there is none.</summary>
internal readonly struct FindHighestU32 : ILaneUnary<uint, uint>
{
    public static uint Apply(uint a) => a == 0 ? uint.MaxValue : 31 - (uint)BitOperations.LeadingZeroCount(a);
}

internal readonly struct FindHighestS32 : ILaneUnary<uint, int>
{
    public static uint Apply(int a) => FindHighestU32.Apply((uint)(a < 0 ? ~a : a));
}

internal readonly struct FindHighestU64 : ILaneUnary<uint, ulong>
{
    public static uint Apply(ulong a) => a == 0 ? uint.MaxValue : 63 - (uint)BitOperations.LeadingZeroCount(a);
}

internal readonly struct FindHighestS64 : ILaneUnary<uint, long>
{
    public static uint Apply(long a) => FindHighestU64.Apply((ulong)(a < 0 ? ~a : a));
}

/// <summary>The shift that brings the highest set bit to the top.</summary>
internal readonly struct ShiftToHighest32<TFind, T> : ILaneUnary<uint, T>
    where TFind : struct, ILaneUnary<uint, T>
{
    public static uint Apply(T a) => TFind.Apply(a) is uint bit && bit == uint.MaxValue ? bit : 31 - TFind.Apply(a);
}

internal readonly struct ShiftToHighest64<TFind, T> : ILaneUnary<uint, T>
    where TFind : struct, ILaneUnary<uint, T>
{
    public static uint Apply(T a) => TFind.Apply(a) is uint bit && bit == uint.MaxValue ? bit : 63 - TFind.Apply(a);
}
