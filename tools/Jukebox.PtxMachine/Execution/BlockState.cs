using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Jukebox.PtxMachine.Program;

namespace Jukebox.PtxMachine.Execution;

/// <summary>Everything that one block needs while it runs: registers, stacks, shared and local memory. Used by one thread at a time.</summary>
internal sealed unsafe class BlockState : IDisposable
{
    private readonly KernelProgram _program;
    private readonly byte* _registers;
    private readonly byte* _local;
    private readonly PendingLanes* _stacks;
    private readonly byte* _parameters;
    private readonly Warp* _warps;
    private LaunchGeometry _geometry;

    public BlockState(KernelProgram program, int warps, int sharedBytes)
    {
        _program = program;
        Warps = warps;
        SharedCapacity = sharedBytes;
        ParameterCapacity = (program.Kernel.ParameterBytes + 63) / 64 * 64;
        _registers = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(64, (long)program.RegisterBytes * warps), 64);
        _local = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(64, (long)program.LocalBytes * Lanes.Count * warps), 64);
        _stacks = (PendingLanes*)NativeMemory.AlignedAlloc((nuint)(sizeof(PendingLanes) * Execution.Warp.StackEntries * warps), 64);
        _parameters = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(64, ParameterCapacity), 64);
        _warps = (Warp*)NativeMemory.AlignedAlloc((nuint)(sizeof(Warp) * warps), 64);
        Shared = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(64, sharedBytes + 64), 64);
        NativeMemory.Clear(_registers, (nuint)((long)program.RegisterBytes * warps));
        for (int warp = 0; warp < warps; warp++)
        {
            FillConstants(_registers + ((long)program.RegisterBytes * warp));
        }
    }

    ~BlockState() => Release();

    /// <summary>Warps that it has room for.</summary>
    public int Warps { get; }

    public int SharedCapacity { get; }

    public byte* Shared { get; private set; }

    private int ParameterCapacity { get; }

    public Warp* Warp(int index) => _warps + index;

    /// <summary>Prepares for the blocks of one launch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Enter(in LaunchGeometry geometry, ReadOnlySpan<byte> parameters, ulong arenaStart, ulong arenaBytes)
    {
        parameters.CopyTo(new Span<byte>(_parameters, ParameterCapacity));
        for (int index = 0; index < geometry.Warps; index++)
        {
            Warp* w = _warps + index;
            *w = default;
            w->Registers = _registers + ((long)_program.RegisterBytes * index);
            w->Stack = _stacks + (Execution.Warp.StackEntries * index);
            w->Index = index;
            w->Shared = Shared;
            w->SharedBytes = (uint)geometry.SharedBytes;
            w->Local = _local + ((long)_program.LocalBytes * Lanes.Count * index);
            w->LocalBytes = (uint)_program.LocalBytes;
            w->Parameters = _parameters;
            w->ParameterBytes = (uint)_program.Kernel.ParameterBytes;
            w->ArenaStart = arenaStart;
            w->ArenaBytes = arenaBytes;
        }

        if (geometry != _geometry)
        {
            FillSpecials(geometry);
            _geometry = geometry;
        }
    }

    /// <summary>Prepares for one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Begin(Dim3 block, long maxLoops)
    {
        for (int index = 0; index < _geometry.Warps; index++)
        {
            Warp* w = _warps + index;
            int left = _geometry.Threads - (index * Lanes.Count);
            w->Live = left >= Lanes.Count ? Execution.Warp.AllLanes : (1u << left) - 1;
            w->Mask = w->Live;
            w->Pc = 0;
            w->Join = int.MaxValue;
            w->Depth = 0;
            w->Barrier = -1;
            w->IsDone = false;
            w->LoopsLeft = maxLoops;
            FillBlock(w, block);
        }
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillBlock(Warp* w, Dim3 block)
    {
        foreach ((SpecialRegister register, int slot) in _program.Specials)
        {
            if (SpecialRegisters.ChangesWithBlock(register))
            {
                int value = register == SpecialRegister.BlockX ? block.X : register == SpecialRegister.BlockY ? block.Y : block.Z;
                var lanes = (Vector512<int>*)(w->Registers + slot);
                lanes[0] = Vector512.Create(value);
                lanes[1] = Vector512.Create(value);
            }
        }
    }

    private void FillSpecials(in LaunchGeometry geometry)
    {
        foreach ((SpecialRegister register, int slot) in _program.Specials)
        {
            for (int warp = 0; warp < geometry.Warps; warp++)
            {
                uint* lanes = (uint*)(_registers + ((long)_program.RegisterBytes * warp) + slot);
                for (int lane = 0; lane < Lanes.Count; lane++)
                {
                    lanes[lane] = SpecialRegisters.Value(register, geometry, warp, lane);
                }
            }
        }
    }

    private void FillConstants(byte* registers)
    {
        foreach (Constant constant in _program.Constants)
        {
            byte* slot = registers + constant.Slot;
            switch (constant.LaneBytes)
            {
                case 0:
                    *(uint*)slot = (uint)constant.Bits;
                    break;
                case 4:
                    new Span<uint>(slot, Lanes.Count).Fill((uint)constant.Bits);
                    break;
                default:
                    new Span<ulong>(slot, Lanes.Count).Fill(constant.Bits);
                    break;
            }
        }
    }

    private void Release()
    {
        if (Shared == null)
        {
            return;
        }

        NativeMemory.AlignedFree(_registers);
        NativeMemory.AlignedFree(_local);
        NativeMemory.AlignedFree(_stacks);
        NativeMemory.AlignedFree(_parameters);
        NativeMemory.AlignedFree(_warps);
        NativeMemory.AlignedFree(Shared);
        Shared = null;
    }
}
