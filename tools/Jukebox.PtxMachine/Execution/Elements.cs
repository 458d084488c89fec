using System.Runtime.CompilerServices;

namespace Jukebox.PtxMachine.Execution;

// Elements of memory in registers: U zero-extended, S sign-extended, into lanes of 4 (32) or 8 (64) bytes. S8In16 is a signed byte in a
// 16-bit register, which is kept zero-extended in its lane.
internal readonly struct U8In32 : IElement<uint>
{
    public static int LengthBytes => 1;

    public static unsafe uint Read(byte* pointer) => *pointer;

    public static unsafe void Write(byte* pointer, uint value) => *pointer = (byte)value;
}

internal readonly struct S8In32 : IElement<uint>
{
    public static int LengthBytes => 1;

    public static unsafe uint Read(byte* pointer) => (uint)*(sbyte*)pointer;

    public static unsafe void Write(byte* pointer, uint value) => *pointer = (byte)value;
}

internal readonly struct S8In16 : IElement<uint>
{
    public static int LengthBytes => 1;

    public static unsafe uint Read(byte* pointer) => (ushort)*(sbyte*)pointer;

    public static unsafe void Write(byte* pointer, uint value) => *pointer = (byte)value;
}

internal readonly struct U16In32 : IElement<uint>
{
    public static int LengthBytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe uint Read(byte* pointer) => *(ushort*)pointer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Write(byte* pointer, uint value) => *(ushort*)pointer = (ushort)value;
}

internal readonly struct S16In32 : IElement<uint>
{
    public static int LengthBytes => 2;

    public static unsafe uint Read(byte* pointer) => (uint)*(short*)pointer;

    public static unsafe void Write(byte* pointer, uint value) => *(ushort*)pointer = (ushort)value;
}

internal readonly struct B32In32 : IElement<uint>
{
    public static int LengthBytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe uint Read(byte* pointer) => *(uint*)pointer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Write(byte* pointer, uint value) => *(uint*)pointer = value;
}

internal readonly struct U8In64 : IElement<ulong>
{
    public static int LengthBytes => 1;

    public static unsafe ulong Read(byte* pointer) => *pointer;

    public static unsafe void Write(byte* pointer, ulong value) => *pointer = (byte)value;
}

internal readonly struct S8In64 : IElement<ulong>
{
    public static int LengthBytes => 1;

    public static unsafe ulong Read(byte* pointer) => (ulong)*(sbyte*)pointer;

    public static unsafe void Write(byte* pointer, ulong value) => *pointer = (byte)value;
}

internal readonly struct U16In64 : IElement<ulong>
{
    public static int LengthBytes => 2;

    public static unsafe ulong Read(byte* pointer) => *(ushort*)pointer;

    public static unsafe void Write(byte* pointer, ulong value) => *(ushort*)pointer = (ushort)value;
}

internal readonly struct S16In64 : IElement<ulong>
{
    public static int LengthBytes => 2;

    public static unsafe ulong Read(byte* pointer) => (ulong)*(short*)pointer;

    public static unsafe void Write(byte* pointer, ulong value) => *(ushort*)pointer = (ushort)value;
}

internal readonly struct U32In64 : IElement<ulong>
{
    public static int LengthBytes => 4;

    public static unsafe ulong Read(byte* pointer) => *(uint*)pointer;

    public static unsafe void Write(byte* pointer, ulong value) => *(uint*)pointer = (uint)value;
}

internal readonly struct S32In64 : IElement<ulong>
{
    public static int LengthBytes => 4;

    public static unsafe ulong Read(byte* pointer) => (ulong)*(int*)pointer;

    public static unsafe void Write(byte* pointer, ulong value) => *(uint*)pointer = (uint)value;
}

internal readonly struct B64In64 : IElement<ulong>
{
    public static int LengthBytes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe ulong Read(byte* pointer) => *(ulong*)pointer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Write(byte* pointer, ulong value) => *(ulong*)pointer = value;
}
