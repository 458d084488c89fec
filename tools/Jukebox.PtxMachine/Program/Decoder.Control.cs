using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    /// <summary>What a failed <c>assert</c> calls.</summary>
    private const string AssertionFailure = "__assertfail";

    private void DecodeControl()
    {
        switch (_syntax.Opcode)
        {
            case "bra":
                Allow("uni");
                Emit(new Instruction { Flow = Flow.Branch });
                break;
            case "brx":
                Allow("idx", "uni");
                if (_syntax.Guard is not null)
                {
                    throw Refuse("a guarded jump table is not known");
                }

                Emit(new Instruction { Flow = Flow.IndexedBranch, A = Source(0, PtxType.U32) });
                break;
            case "ret":
                Allow("uni");
                Emit(new Instruction { Flow = _function.IsKernel ? Flow.Exit : Flow.Branch });
                break;
            case "exit":
                Allow();
                Emit(new Instruction { Flow = Flow.Exit });
                break;
            case "trap" or "brkpt":
                Emit(new Instruction { Flow = Flow.Trap });
                break;
            case "call":
                DecodeCall();
                break;
            case "bar" or "barrier":
                DecodeBarrier();
                break;
            case "membar" or "fence":
                Allow("cta", "gl", "sys", "gpu", "cluster", "sc", "acq_rel");
                Emit(new Instruction { Execute = &FenceHandlers.Fence<TMode>, Detail = (byte)ScopeOfFence() });
                break;
            case "nanosleep" or "griddepcontrol":
                Emit(new Instruction { Execute = &VectorHandlers.Nothing });
                break;
            default:
                throw Refuse();
        }
    }

    private FenceScope ScopeOfFence() => _syntax.Has("cta") || _syntax.Has("cluster") ? FenceScope.Block : FenceScope.Device;

    private void DecodeCall()
    {
        Allow("uni");
        string callee = CallSite.CalleeName(_syntax) ?? throw Refuse("calls through pointers are not known");
        if (callee == AssertionFailure)
        {
            Emit(new Instruction { Flow = Flow.Trap });
            return;
        }

        PtxFunction function = _kernel.Layout.Functions.FirstOrDefault(f => f.Name == callee && !f.IsKernel) ?? throw Refuse($"the function {callee} is not in the module");
        string[] arguments = CallSite.Arguments(_syntax), results = CallSite.Results(_syntax);
        if (arguments.Length != function.Parameters.Count || results.Length != function.Results.Count)
        {
            throw Refuse($"{callee} takes {function.Parameters.Count} arguments and gives {function.Results.Count} results");
        }

        _calls.Add((_builder.Instructions.Count, callee));
        Emit(new Instruction
        {
            Flow = Flow.Call,
            Execute = &CallHandlers.CopyLocal,
            Extra = Copies(arguments.Zip(function.Parameters, (argument, formal) => (PlaceOf(_function, argument), PlaceOf(function, formal.Name), (int)formal.LengthBytes))),
        });
        Emit(new Instruction
        {
            Execute = &CallHandlers.CopyLocal,
            Extra = Copies(results.Zip(function.Results, (result, formal) => (PlaceOf(function, formal.Name), PlaceOf(_function, result), (int)formal.LengthBytes))),
        });
    }

    private int PlaceOf(PtxFunction function, string name) => _kernel.Layout.Find(function, name) ?? throw Refuse($"'{name}' is not known");

    /// <summary>The count of copies, then from where, to where and how many bytes of each.</summary>
    private int* Copies(IEnumerable<(int From, int To, int LengthBytes)> copies)
    {
        (int From, int To, int LengthBytes)[] list = [.. copies];
        int* extra = _builder.AllocateExtra(1 + (3 * list.Length));
        extra[0] = list.Length;
        for (int k = 0; k < list.Length; k++)
        {
            (extra[1 + (3 * k)], extra[2 + (3 * k)], extra[3 + (3 * k)]) = list[k];
        }

        return extra;
    }

    /// <summary>The barrier's number is in A and its threads in B (0 for all); of a reduction, D the result and C the predicate.</summary>
    private void DecodeBarrier()
    {
        if (_syntax.Has("warp"))
        {
            Allow("warp", "sync");
            Emit(new Instruction { Execute = &WarpHandlers.Synchronize<TMode>, D2 = Source(0, PtxType.B32) });
            return;
        }

        Allow("cta", "sync", "aligned", "red", "popc", "and", "or", "arrive");
        bool isReduction = _syntax.Has("red");
        int first = isReduction ? 1 : 0, last = _syntax.Operands.Length - (isReduction ? 1 : 0);
        var instruction = new Instruction
        {
            Flow = Flow.Barrier,
            Execute = &VectorHandlers.Nothing,
            A = Source(first, PtxType.U32),
            B = last - first > 1 ? Source(first + 1, PtxType.U32) : _builder.Constant(4, 0),
            Detail = (byte)BarrierKind.Wait,
        };
        if (_syntax.Has("arrive"))
        {
            throw Refuse("arriving without waiting is not known");
        }

        if (isReduction)
        {
            bool isCount = _syntax.Has("popc");
            instruction.Detail = (byte)(isCount ? BarrierKind.Count : _syntax.Has("and") ? BarrierKind.All : BarrierKind.Any);
            instruction.D = isCount ? Destination(0, PtxType.U32) : Destination(Operand(0), 0);
            instruction.C = Predicate(Operand(_syntax.Operands.Length - 1));
        }

        Emit(instruction);
    }
}
