using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

/// <summary>
/// Turns a kernel and the functions that it calls into instructions with handlers and places, or refuses what it does not know. What an
/// instruction's modifiers say is either honoured or refused, never overlooked.
/// </summary>
internal sealed unsafe partial class Decoder<TMode>
    where TMode : struct, IMode
{
    private readonly PtxKernel _kernel;
    private readonly LoadedModule _module;
    private readonly ProgramBuilder _builder = new();
    private readonly Dictionary<string, (int Start, int End)> _functions = [];
    private readonly List<(int Instruction, string Callee)> _calls = [];
    private PtxFunction _function;
    private PtxInstruction _syntax = null!;

    private Decoder(PtxKernel kernel, LoadedModule module)
    {
        _kernel = kernel;
        _module = module;
        _function = kernel.Function;
    }

    public static KernelProgram Decode(PtxKernel kernel, LoadedModule module)
    {
        var decoder = new Decoder<TMode>(kernel, module);
        try
        {
            foreach (PtxFunction function in kernel.Layout.Functions)
            {
                decoder.DecodeFunction(function);
            }

            decoder.ResolveCalls();
            return new KernelProgram(kernel, decoder._builder);
        }
        finally
        {
            decoder._builder.TakeExtras().ForEach(extra => System.Runtime.InteropServices.NativeMemory.AlignedFree((void*)extra));
        }
    }

    private void DecodeFunction(PtxFunction function)
    {
        _function = function;
        int first = _builder.Instructions.Count;

        // One instruction of the text may become several: labels are found through where each began.
        int[] starts = new int[function.Instructions.Count + 1];
        for (int index = 0; index < function.Instructions.Count; index++)
        {
            starts[index] = _builder.Instructions.Count;
            _syntax = function.Instructions[index];
            DecodeInstruction();
        }

        starts[^1] = _builder.Instructions.Count;
        _syntax = EndOf(function);
        EmitAsIs(function.IsKernel ? new Instruction { Flow = Flow.Exit, Guard = -1 } : new Instruction { Execute = &VectorHandlers.Nothing });
        int end = _builder.Instructions.Count - 1;
        _functions[function.Name] = (first, end);
        ResolveBranches(function, first, end, starts);
    }

    private static PtxInstruction EndOf(PtxFunction function) => new()
    {
        Opcode = "ret",
        Modifiers = [],
        Operands = [],
        Line = function.Instructions.Count == 0 ? function.Line : function.Instructions[^1].Line,
    };

    private void ResolveBranches(PtxFunction function, int first, int end, int[] starts)
    {
        int FindLabel(string label, PtxInstruction at) =>
            function.Labels.TryGetValue(label, out int index) ? starts[index] : throw Refuse(at, $"the label {label} is not there");

        ExitEarly(function, first, end, FindLabel);
        int[][] successors = new int[end - first + 1][];
        for (int index = first; index <= end; index++)
        {
            Instruction instruction = _builder.Instructions[index];
            PtxInstruction syntax = _builder.Syntax[index];
            int here = index - first;
            switch (instruction.Flow)
            {
                case Flow.Branch or Flow.ConditionalBranch:
                    instruction.Target = syntax.Opcode == "ret" ? end : FindLabel(syntax.Operands[0].Name, syntax);
                    successors[here] = instruction.Flow == Flow.Branch ? [instruction.Target - first] : [instruction.Target - first, here + 1];
                    break;
                case Flow.IndexedBranch:
                    string[] labels = FindTable(function, syntax);
                    instruction.Extra = _builder.AllocateExtra(labels.Length + 1);
                    instruction.Extra[0] = labels.Length;
                    successors[here] = [.. labels.Select(label => FindLabel(label, syntax) - first)];
                    for (int k = 0; k < labels.Length; k++)
                    {
                        instruction.Extra[k + 1] = successors[here][k] + first;
                    }

                    break;
                case Flow.Exit:
                    successors[here] = instruction.Guard < 0 ? [] : [here + 1];
                    break;
                default:
                    successors[here] = index == end ? [] : [here + 1];
                    break;
            }

            _builder.Instructions[index] = instruction;
        }

        SetJoins(first, PostDominators.Find(successors));
    }

    private string[] FindTable(PtxFunction function, PtxInstruction branch)
    {
        string table = branch.Operands[1].Name;
        return function.BranchTables.TryGetValue(table, out string[]? labels) ? labels : throw Refuse(branch, $"the table {table} is not there");
    }

    /// <summary>
    /// A branch straight to the kernel's end lets its lanes leave at once: then they keep neither a barrier waiting nor the others from
    /// meeting again.
    /// </summary>
    private void ExitEarly(PtxFunction function, int first, int end, Func<string, PtxInstruction, int> findLabel)
    {
        for (int index = first; index <= end && function.IsKernel; index++)
        {
            Instruction branch = _builder.Instructions[index];
            if (branch.Flow != Flow.ConditionalBranch || _builder.Syntax[index].Opcode != "bra")
            {
                continue;
            }

            int target = findLabel(_builder.Syntax[index].Operands[0].Name, _builder.Syntax[index]);
            for (int hops = 0; hops < 4 && _builder.Instructions[target].Flow == Flow.Branch && _builder.Syntax[target].Opcode == "bra"; hops++)
            {
                target = findLabel(_builder.Syntax[target].Operands[0].Name, _builder.Syntax[target]);
            }

            if (IsEnd(target))
            {
                branch.Flow = Flow.Exit;
                _builder.Instructions[index] = branch;
            }
        }
    }

    /// <summary>All lanes that come here leave: nothing to wait for.</summary>
    private bool IsEnd(int index) => _builder.Instructions[index] is { Flow: Flow.Exit, Guard: < 0 };

    private void SetJoins(int first, int[] immediate)
    {
        for (int here = 0; here < immediate.Length; here++)
        {
            Instruction instruction = _builder.Instructions[first + here];
            if (instruction.Flow is not (Flow.ConditionalBranch or Flow.IndexedBranch))
            {
                continue;
            }

            bool isNowhere = immediate[here] < 0 || IsEnd(first + immediate[here]);
            instruction.Join = isNowhere ? int.MaxValue : first + immediate[here];
            _builder.Instructions[first + here] = instruction;
            if (!isNowhere)
            {
                MarkJoin(instruction.Join);
            }
        }
    }

    private void MarkJoin(int index)
    {
        Instruction join = _builder.Instructions[index];
        join.IsJoin = true;
        _builder.Instructions[index] = join;
    }

    private void ResolveCalls()
    {
        foreach ((int index, string callee) in _calls)
        {
            Instruction call = _builder.Instructions[index];
            (call.Target, call.Join) = _functions[callee];
            _builder.Instructions[index] = call;
            MarkJoin(call.Join);
        }
    }

    private void DecodeInstruction()
    {
        switch (_syntax.Opcode)
        {
            case "add" or "sub" or "mul" or "mad" or "fma" or "div" or "rem" or "min" or "max" or "neg" or "abs":
                DecodeArithmetic();
                break;
            case "rcp" or "sqrt" or "rsqrt" or "ex2" or "lg2" or "sin" or "cos" or "tanh" or "copysign" or "testp":
                DecodeMathFunction();
                break;
            case "and" or "or" or "xor" or "not" or "cnot" or "shl" or "shr" or "lop3":
                DecodeLogic();
                break;
            case "addc" or "subc" or "madc":
                DecodeCarry();
                break;
            case "popc" or "clz" or "brev" or "bfind" or "bfe" or "bfi" or "bmsk" or "prmt" or "shf" or "sad" or "mul24" or "mad24" or "dp4a":
                DecodeBits();
                break;
            case "mov" or "cvta" or "selp" or "slct" or "isspacep":
                DecodeMove();
                break;
            case "setp" or "set":
                DecodeCompare();
                break;
            case "cvt":
                DecodeConvert();
                break;
            case "ld" or "ldu" or "st" or "prefetch" or "prefetchu" or "cp" or "discard" or "applypriority":
                DecodeMemory();
                break;
            case "atom" or "red":
                DecodeAtomic();
                break;
            case "shfl" or "vote" or "match" or "redux" or "activemask":
                DecodeWarp();
                break;
            case "mma" or "ldmatrix" or "stmatrix" or "movmatrix":
                DecodeMatrix();
                break;
            default:
                DecodeControl();
                break;
        }
    }

    private PtxException Refuse(string? why = null) => Refuse(_syntax, why is null ? $"{_syntax.FullName} is not known" : $"{_syntax.FullName}: {why}");

    private PtxException Refuse(PtxInstruction at, string what) => new(_kernel.Module.FileName, at.Line, what);

    /// <summary>Refuses modifiers that are neither types nor among those that the caller honours.</summary>
    private void Allow(params ReadOnlySpan<string> modifiers)
    {
        foreach (string modifier in _syntax.Modifiers)
        {
            if (PtxTypes.Find(modifier) == PtxType.None && !modifiers.Contains(modifier))
            {
                throw Refuse($".{modifier} is not known");
            }
        }
    }

    /// <summary>Adds an instruction under the guard of the text.</summary>
    private void Emit(Instruction instruction)
    {
        instruction.Guard = -1;
        if (_syntax.Guard is Register guard)
        {
            instruction.Guard = _builder.Slot(guard);
            instruction.GuardNegated = _syntax.GuardNegated;
            if (instruction.Flow == Flow.Plain)
            {
                instruction.Flow = Flow.Guarded;
            }
            else if (instruction.Flow == Flow.Branch)
            {
                instruction.Flow = Flow.ConditionalBranch;
            }
        }

        EmitAsIs(instruction);
    }

    private void EmitAsIs(Instruction instruction) => _builder.Add(instruction, _syntax);
}
