using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.PtxMachine.Execution;

/// <summary>
/// Tensor-core instructions. <c>mma</c> of floats accumulates in f32, one fused multiply-add after the other in order of k: the same for
/// every row and column, whatever the others hold. Extra lists the registers of A, B and C in that order; D to D3 are the results.
/// </summary>
internal static unsafe class MatrixHandlers
{
    private const int Rows = 16;
    private const int Columns = 8;

    /// <summary>m16n8k16 (Detail 16) and m16n8k8 (Detail 8) of 16-bit floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyHalf<TMode, TFormat>(Warp* w, Instruction* i)
        where TMode : struct, IMode
        where TFormat : struct, IHalfFormat
    {
        RequireAllLanes(w, i);
        int depth = i->Detail, aRegisters = depth / 4, bRegisters = depth / 8;
        float* a = stackalloc float[Rows * 16], b = stackalloc float[16 * Columns], pairs = stackalloc float[64];
        for (int register = 0; register < aRegisters; register++)
        {
            Unpack<TFormat>(w, i->Extra[register], pairs);
            float* origin = a + ((register & 1) * 8 * 16) + (register >> 1) * 8;
            for (int lane = 0; lane < Lanes.Count; lane++)
            {
                float* element = origin + ((lane >> 2) * 16) + ((lane & 3) * 2);
                element[0] = pairs[lane];
                element[1] = pairs[32 + lane];
            }
        }

        for (int register = 0; register < bRegisters; register++)
        {
            Unpack<TFormat>(w, i->Extra[aRegisters + register], pairs);
            for (int lane = 0; lane < Lanes.Count; lane++)
            {
                float* element = b + ((((lane & 3) * 2) + (register * 8)) * Columns) + (lane >> 2);
                element[0] = pairs[lane];
                element[Columns] = pairs[32 + lane];
            }
        }

        float* c = stackalloc float[Rows * Columns];
        LoadAccumulators(w, i->Extra + aRegisters + bRegisters, c);
        for (int row = 0; row < Rows; row += 4)
        {
            MultiplyRows(a + (row * 16), b, c + (row * Columns), depth);
        }

        StoreAccumulators(w, i, c);
    }

    /// <summary>m16n8k32 (Detail 32) and m16n8k16 (Detail 16) of bytes, into 32-bit integers that wrap; with Immediate 1, into ones that saturate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyBytes<TMode, TA, TB>(Warp* w, Instruction* i)
        where TMode : struct, IMode
        where TA : struct, IByteSign
        where TB : struct, IByteSign
    {
        RequireAllLanes(w, i);
        int depth = i->Detail, aRegisters = depth / 8, bRegisters = depth / 16;
        int* a = stackalloc int[Rows * 32], b = stackalloc int[32 * Columns];
        for (int register = 0; register < aRegisters; register++)
        {
            uint* source = Lanes.Pointer32(w, i->Extra[register]);
            int* origin = a + ((register & 1) * 8 * 32) + ((register >> 1) * 16);
            for (int lane = 0; lane < Lanes.Count; lane++)
            {
                for (int k = 0; k < 4; k++)
                {
                    origin[((lane >> 2) * 32) + ((lane & 3) * 4) + k] = TA.Of(source[lane] >> (8 * k));
                }
            }
        }

        for (int register = 0; register < bRegisters; register++)
        {
            uint* source = Lanes.Pointer32(w, i->Extra[aRegisters + register]);
            for (int lane = 0; lane < Lanes.Count; lane++)
            {
                for (int k = 0; k < 4; k++)
                {
                    b[(((lane & 3) * 4) + k + (register * 16)) * Columns + (lane >> 2)] = TB.Of(source[lane] >> (8 * k));
                }
            }
        }

        float* accumulators = stackalloc float[Rows * Columns];
        int* c = (int*)accumulators;
        LoadAccumulators(w, i->Extra + aRegisters + bRegisters, accumulators);
        for (int element = 0; element < Rows * Columns; element++)
        {
            int* row = a + (element / Columns * 32), column = b + (element % Columns);
            long sum = 0;
            for (int k = 0; k < depth; k++)
            {
                sum += row[k] * column[k * Columns];
            }

            sum += c[element];
            c[element] = i->Immediate == 0 ? (int)sum : (int)Math.Clamp(sum, int.MinValue, int.MaxValue);
        }

        StoreAccumulators(w, i, accumulators);
    }

    /// <summary>Four rows at a time, so that four sums are under way; eight columns side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyRows(float* a, float* b, float* c, int depth)
    {
        var sums = (Vector256<float>*)c;
        Vector256<float> s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];
        for (int k = 0; k < depth; k++)
        {
            Vector256<float> row = ((Vector256<float>*)b)[k];
            s0 = Vector256.FusedMultiplyAdd(Vector256.Create(a[k]), row, s0);
            s1 = Vector256.FusedMultiplyAdd(Vector256.Create(a[16 + k]), row, s1);
            s2 = Vector256.FusedMultiplyAdd(Vector256.Create(a[32 + k]), row, s2);
            s3 = Vector256.FusedMultiplyAdd(Vector256.Create(a[48 + k]), row, s3);
        }

        sums[0] = s0;
        sums[1] = s1;
        sums[2] = s2;
        sums[3] = s3;
    }

    /// <summary>The lower halves of a register's lanes, then the upper ones, as f32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unpack<TFormat>(Warp* w, int register, float* pairs)
        where TFormat : struct, IHalfFormat
    {
        for (int part = 0; part < 2; part++)
        {
            Vector512<int> bits = Lanes.Load<int>(w, register, part);
            ((Vector512<float>*)pairs)[part] = TFormat.Widen(bits & Vector512.Create(0xFFFF));
            ((Vector512<float>*)pairs)[2 + part] = TFormat.Widen(Vector512.ShiftRightLogical(bits, 16));
        }
    }

    /// <summary>16 rows of 8 from the fragment that lanes hold: of lane l, row l/4, columns 2·(l mod 4) and the next; rows 8 further in the second pair.</summary>
    private static void LoadAccumulators(Warp* w, int* registers, float* c)
    {
        for (int register = 0; register < 4; register++)
        {
            float* source = (float*)(w->Registers + registers[register]);
            float* origin = c + ((register >> 1) * 8 * Columns) + (register & 1);
            for (int lane = 0; lane < Lanes.Count; lane++)
            {
                origin[((lane >> 2) * Columns) + ((lane & 3) * 2)] = source[lane];
            }
        }
    }

    private static void StoreAccumulators(Warp* w, Instruction* i, float* c)
    {
        Span<int> registers = [i->D, i->D1, i->D2, i->D3];
        for (int register = 0; register < 4; register++)
        {
            float* target = (float*)(w->Registers + registers[register]);
            float* origin = c + ((register >> 1) * 8 * Columns) + (register & 1);
            for (int lane = 0; lane < Lanes.Count; lane++)
            {
                target[lane] = origin[((lane >> 2) * Columns) + ((lane & 3) * 2)];
            }
        }
    }

    /// <summary><c>ldmatrix</c>: Detail matrices of 8 rows of 16 bytes, whose addresses lanes 0 to 7, 8 to 15 and so on hold; C is 1 for transposed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadMatrices<TMode>(Warp* w, Instruction* i)
        where TMode : struct, IMode
    {
        RequireAllLanes(w, i);
        byte** rows = stackalloc byte*[Lanes.Count];
        if (!TryResolveRows<TMode>(w, i, rows, AccessKind.Load))
        {
            return;
        }

        Span<int> registers = [i->D, i->D1, i->D2, i->D3];
        for (int matrix = 0; matrix < i->Detail; matrix++)
        {
            uint* d = Lanes.Pointer32(w, registers[matrix]);
            for (int row = 0; row < 8; row++)
            {
                byte* source = rows[(8 * matrix) + row];
                for (int k = 0; k < 4 && i->C == 0; k++)
                {
                    d[(row * 4) + k] = ((uint*)source)[k];
                }

                for (int column = 0; column < 8 && i->C != 0; column++)
                {
                    ((ushort*)d)[(((column * 4) + (row >> 1)) * 2) + (row & 1)] = ((ushort*)source)[column];
                }
            }
        }
    }

    /// <summary><c>stmatrix</c>: the opposite of <see cref="LoadMatrices"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreMatrices<TMode>(Warp* w, Instruction* i)
        where TMode : struct, IMode
    {
        RequireAllLanes(w, i);
        byte** rows = stackalloc byte*[Lanes.Count];
        if (!TryResolveRows<TMode>(w, i, rows, AccessKind.Store))
        {
            return;
        }

        Span<int> registers = [i->D, i->D1, i->D2, i->D3];
        for (int matrix = 0; matrix < i->Detail; matrix++)
        {
            uint* d = Lanes.Pointer32(w, registers[matrix]);
            for (int row = 0; row < 8; row++)
            {
                byte* target = rows[(8 * matrix) + row];
                for (int column = 0; column < 8; column++)
                {
                    int element = i->C == 0 ? (row * 8) + column : (((column * 4) + (row >> 1)) * 2) + (row & 1);
                    ((ushort*)target)[column] = ((ushort*)d)[element];
                }
            }
        }
    }

    /// <summary>The rows' pointers; false when the observer takes a row out.</summary>
    private static bool TryResolveRows<TMode>(Warp* w, Instruction* i, byte** rows, AccessKind kind)
        where TMode : struct, IMode
    {
        const int RowBytes = 16;
        uint holders = (uint)((1ul << (8 * i->Detail)) - 1);
        w->Mask = holders;
        bool isWhole = !TMode.IsObserved || SharedSpace.Observe(w, i, RowBytes, kind) == holders;
        if (isWhole)
        {
            SharedSpace.Resolve(w, i, RowBytes, rows);
        }

        w->Mask = Warp.AllLanes;
        return isWhole;
    }

    private static void RequireAllLanes(Warp* w, Instruction* i)
    {
        if (w->Mask != Warp.AllLanes)
        {
            FaultSignal.Throw(i, FindingKind.AbsentLanes, System.Numerics.BitOperations.TrailingZeroCount(~w->Mask), 0, $"a matrix instruction by lanes 0x{w->Mask:x8} only");
        }
    }
}
