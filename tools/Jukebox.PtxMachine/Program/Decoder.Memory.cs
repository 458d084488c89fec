using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    /// <summary>Spaces, orders, scopes and hints that a load or store may name. Hints change no result.</summary>
    private static readonly string[] MemoryModifiers =
    [
        "global", "shared", "shared::cta", "local", "param", "const", "v2", "v4", "nc",
        "weak", "volatile", "relaxed", "acquire", "release", "cta", "cluster", "gpu", "sys",
        "ca", "cg", "cs", "lu", "cv", "wb", "wt",
        "L1::evict_normal", "L1::evict_unchanged", "L1::evict_first", "L1::evict_last", "L1::no_allocate",
        "L2::evict_normal", "L2::evict_first", "L2::evict_last", "L2::64B", "L2::128B", "L2::256B",
    ];

    private enum Space
    {
        Generic,
        Global,
        Constant,
        Shared,
        Local,
        Parameter,
    }

    private void DecodeMemory()
    {
        switch (_syntax.Opcode)
        {
            case "ld" or "ldu" or "st":
                Allow(MemoryModifiers);
                DecodeAccess(_syntax.Opcode != "st");
                break;
            case "prefetch" or "prefetchu":
                Emit(new Instruction { Execute = &VectorHandlers.Nothing });
                break;
            case "cp":
                DecodeAsyncCopy();
                break;
            default:
                throw Refuse();
        }
    }

    private void DecodeAccess(bool isLoad)
    {
        PtxType type = _syntax.Type;
        Operand values = Operand(isLoad ? 0 : 1), address = Operand(isLoad ? 1 : 0);
        Operand[] parts = values.Kind == OperandKind.Vector ? values.Parts : [values];
        int laneBytes = LaneBytesOf(parts, type);
        var instruction = new Instruction { Detail = (byte)parts.Length };
        Span<int> slots = stackalloc int[4];
        for (int k = 0; k < 4; k++)
        {
            slots[k] = k >= parts.Length ? 0 : isLoad ? Destination(parts[k], laneBytes) : Source(parts[k], laneBytes, type.LengthBytes());
        }

        (instruction.D, instruction.D1, instruction.D2, instruction.D3) = (slots[0], slots[1], slots[2], slots[3]);
        bool is16 = isLoad && parts.Any(part => part.Register?.Type.LengthBytes() == 2);
        Space space = SpaceOf(address);
        Operand start = address.Parts[0];
        if (space == Space.Parameter && start.Kind == OperandKind.Symbol && IsKernelParameter(start.Name))
        {
            instruction.Immediate = (long)AddressOf(start);
            instruction.Execute = isLoad ? ParameterLoad(type, laneBytes, is16) : throw Refuse("a kernel's parameters are read-only");
            Emit(instruction);
            return;
        }

        SetAddress(ref instruction, address, space);
        instruction.Execute = isLoad ? Load(space, type, laneBytes, is16) : Store(space, type, laneBytes);
        Emit(instruction);
    }

    private int LaneBytesOf(Operand[] parts, PtxType type)
    {
        Register? first = parts.Select(part => part.Register).FirstOrDefault(register => register is not null);
        int laneBytes = first is null ? LaneBytes(type) : LaneBytes(first);
        return laneBytes >= Math.Min(type.LengthBytes(), 8) && type.LengthBytes() <= 8 ? laneBytes : throw Refuse("the register is too narrow");
    }

    private bool IsKernelParameter(string name) => _function.IsKernel && _kernel.Parameters.Any(p => p.Name == name);

    /// <summary>Constant memory is addressed as global memory is; parameters of calls lie in local memory.</summary>
    private Space SpaceOf(Operand address)
    {
        if (_syntax.Has("param"))
        {
            Operand start = address.Parts[0];
            return start.Kind == OperandKind.Symbol && !IsKernelParameter(start.Name) ? Space.Local : Space.Parameter;
        }

        return _syntax.Has("global") ? Space.Global
            : _syntax.Has("const") ? Space.Constant
            : _syntax.Has("shared") || _syntax.Has("shared::cta") ? Space.Shared
            : _syntax.Has("local") ? Space.Local
            : Space.Generic;
    }

    private void SetAddress(ref Instruction instruction, Operand address, Space space)
    {
        (instruction.A, instruction.B, instruction.Immediate) = Address(address, space);
    }

    /// <summary>The slot of an address, 1 where that has 64 bits in shared memory, and the offset to add.</summary>
    private (int Slot, int IsWide, long Immediate) Address(Operand address, Space space)
    {
        if (address.Kind != OperandKind.Address)
        {
            throw Refuse("an address is missing");
        }

        Operand start = address.Parts[0];
        if (start.Register is Register register)
        {
            bool isWide = LaneBytes(register) == 8;
            if (!isWide && space != Space.Shared)
            {
                throw Refuse("addresses outside shared memory have 64 bits");
            }

            return (_builder.Slot(register), isWide ? 1 : 0, address.Offset);
        }

        ulong bits = start.Kind == OperandKind.Immediate ? start.Bits + (ulong)address.Offset : AddressOf(start);
        return (_builder.Constant(space == Space.Shared ? 4 : 8, bits), 0, 0);
    }

    private Handler ParameterLoad(PtxType type, int laneBytes, bool is16) => (type.LengthBytes(), type.IsSigned(), laneBytes) switch
    {
        (1, false, 4) => &MemoryHandlers.LoadParameter<U8In32, uint>,
        (1, true, 4) when is16 => &MemoryHandlers.LoadParameter<S8In16, uint>,
        (1, true, 4) => &MemoryHandlers.LoadParameter<S8In32, uint>,
        (2, true, 4) when !is16 => &MemoryHandlers.LoadParameter<S16In32, uint>,
        (2, _, 4) => &MemoryHandlers.LoadParameter<U16In32, uint>,
        (4, _, 4) => &MemoryHandlers.LoadParameter<B32In32, uint>,
        (1, false, 8) => &MemoryHandlers.LoadParameter<U8In64, ulong>,
        (1, true, 8) => &MemoryHandlers.LoadParameter<S8In64, ulong>,
        (2, false, 8) => &MemoryHandlers.LoadParameter<U16In64, ulong>,
        (2, true, 8) => &MemoryHandlers.LoadParameter<S16In64, ulong>,
        (4, false, 8) => &MemoryHandlers.LoadParameter<U32In64, ulong>,
        (4, true, 8) => &MemoryHandlers.LoadParameter<S32In64, ulong>,
        (8, _, 8) => &MemoryHandlers.LoadParameter<B64In64, ulong>,
        _ => throw Refuse(),
    };

    private Handler Load(Space space, PtxType type, int laneBytes, bool is16) => space switch
    {
        Space.Global => Load<GlobalSpace, TMode>(type, laneBytes, is16),
        Space.Constant => Load<ConstantSpace, TMode>(type, laneBytes, is16),
        Space.Shared => Load<SharedSpace, TMode>(type, laneBytes, is16),
        Space.Local when _syntax.Has("param") => Load<LocalSpace, Unobserved>(type, laneBytes, is16),
        Space.Local => Load<LocalSpace, TMode>(type, laneBytes, is16),
        Space.Parameter => Load<ParameterSpace, Unobserved>(type, laneBytes, is16),
        _ => Load<GenericSpace, TMode>(type, laneBytes, is16),
    };

    private Handler Load<TSpace, TLoadMode>(PtxType type, int laneBytes, bool is16)
        where TSpace : struct, ISpace
        where TLoadMode : struct, IMode => (type.LengthBytes(), type.IsSigned(), laneBytes) switch
        {
            (1, false, 4) => &MemoryHandlers.Load<TLoadMode, TSpace, U8In32, uint>,
            (1, true, 4) when is16 => &MemoryHandlers.Load<TLoadMode, TSpace, S8In16, uint>,
            (1, true, 4) => &MemoryHandlers.Load<TLoadMode, TSpace, S8In32, uint>,
            (2, true, 4) when !is16 => &MemoryHandlers.Load<TLoadMode, TSpace, S16In32, uint>,
            (2, _, 4) => &MemoryHandlers.Load<TLoadMode, TSpace, U16In32, uint>,
            (4, _, 4) => &MemoryHandlers.Load<TLoadMode, TSpace, B32In32, uint>,
            (1, false, 8) => &MemoryHandlers.Load<TLoadMode, TSpace, U8In64, ulong>,
            (1, true, 8) => &MemoryHandlers.Load<TLoadMode, TSpace, S8In64, ulong>,
            (2, false, 8) => &MemoryHandlers.Load<TLoadMode, TSpace, U16In64, ulong>,
            (2, true, 8) => &MemoryHandlers.Load<TLoadMode, TSpace, S16In64, ulong>,
            (4, false, 8) => &MemoryHandlers.Load<TLoadMode, TSpace, U32In64, ulong>,
            (4, true, 8) => &MemoryHandlers.Load<TLoadMode, TSpace, S32In64, ulong>,
            (8, _, 8) => &MemoryHandlers.Load<TLoadMode, TSpace, B64In64, ulong>,
            _ => throw Refuse(),
        };

    private Handler Store(Space space, PtxType type, int laneBytes) => space switch
    {
        Space.Global => Store<GlobalSpace, TMode>(type, laneBytes),
        Space.Shared => Store<SharedSpace, TMode>(type, laneBytes),
        Space.Local when _syntax.Has("param") => Store<LocalSpace, Unobserved>(type, laneBytes),
        Space.Local => Store<LocalSpace, TMode>(type, laneBytes),
        Space.Generic => Store<GenericSpace, TMode>(type, laneBytes),
        _ => throw Refuse(),
    };

    private Handler Store<TSpace, TStoreMode>(PtxType type, int laneBytes)
        where TSpace : struct, ISpace
        where TStoreMode : struct, IMode => (type.LengthBytes(), laneBytes) switch
        {
            (1, 4) => &MemoryHandlers.Store<TStoreMode, TSpace, U8In32, uint>,
            (2, 4) => &MemoryHandlers.Store<TStoreMode, TSpace, U16In32, uint>,
            (4, 4) => &MemoryHandlers.Store<TStoreMode, TSpace, B32In32, uint>,
            (1, 8) => &MemoryHandlers.Store<TStoreMode, TSpace, U8In64, ulong>,
            (2, 8) => &MemoryHandlers.Store<TStoreMode, TSpace, U16In64, ulong>,
            (4, 8) => &MemoryHandlers.Store<TStoreMode, TSpace, U32In64, ulong>,
            (8, 8) => &MemoryHandlers.Store<TStoreMode, TSpace, B64In64, ulong>,
            _ => throw Refuse(),
        };

    private void DecodeAsyncCopy()
    {
        Allow("async", "ca", "cg", "shared", "shared::cta", "global", "commit_group", "wait_group", "wait_all", "L2::64B", "L2::128B", "L2::256B");
        if (!_syntax.Has("async"))
        {
            throw Refuse();
        }

        if (_syntax.Has("commit_group"))
        {
            Emit(new Instruction { Execute = &AsyncHandlers.Commit<TMode> });
        }
        else if (_syntax.Has("wait_all"))
        {
            Emit(new Instruction { Execute = &AsyncHandlers.Wait<TMode>, Immediate = -1 });
        }
        else if (_syntax.Has("wait_group"))
        {
            Emit(new Instruction { Execute = &AsyncHandlers.Wait<TMode>, Immediate = (long)Operand(0).Bits });
        }
        else
        {
            DecodeAsyncTransfer();
        }
    }

    private void DecodeAsyncTransfer()
    {
        int lengthBytes = (int)Operand(2).Bits;
        if (lengthBytes is not (4 or 8 or 16) || (_syntax.Has("cg") && lengthBytes != 16))
        {
            throw Refuse($"{lengthBytes} bytes cannot be copied");
        }

        (int target, int targetIsWide, long targetOffset) = Address(Operand(0), Space.Shared);
        var instruction = new Instruction { Execute = &AsyncHandlers.Copy<TMode>, Detail = (byte)lengthBytes, C = target, D1 = targetIsWide, D3 = (int)targetOffset };
        SetAddress(ref instruction, Operand(1), Space.Global);
        instruction.D2 = _syntax.Operands.Length > 3 ? Source(3, PtxType.U32) : _builder.Constant(4, (ulong)lengthBytes);
        Emit(instruction);
    }
}
