using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

/// <summary>
/// Where a kernel's shared, local and call-parameter variables lie, with those of every function that it may call. Functions do not
/// recurse, so each has one place of its own and needs no stack.
/// </summary>
internal sealed class Layout
{
    private readonly Dictionary<(string Function, string Name), int> _offsets = [];
    private readonly List<PtxFunction> _functions = [];

    /// <summary>The kernel first, then what it calls.</summary>
    public IReadOnlyList<PtxFunction> Functions => _functions;

    public int SharedBytes { get; private set; }

    public int LocalBytes { get; private set; }

    /// <summary>Functions that are declared, called and defined nowhere: refused when the kernel is loaded.</summary>
    public List<(PtxInstruction Call, string Name)> Missing { get; } = [];

    public static int Align(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;

    public static Layout Of(PtxModule module, PtxFunction kernel)
    {
        var layout = new Layout();
        layout.Visit(module, kernel, []);
        foreach (PtxFunction function in layout._functions)
        {
            layout.Place(module, function);
        }

        layout.PlaceDynamicShared(module);
        return layout;
    }

    /// <summary>The offset of a variable that <paramref name="function"/> sees: its own, or a shared one of the module; null when it is neither.</summary>
    public int? Find(PtxFunction function, string name) =>
        _offsets.TryGetValue((function.Name, name), out int own) ? own : _offsets.TryGetValue((string.Empty, name), out int common) ? common : null;

    private void Visit(PtxModule module, PtxFunction function, List<PtxFunction> callers)
    {
        if (callers.Contains(function))
        {
            throw new PtxException(module.FileName, function.Line, $"{function.Name} calls itself: recursion is not known");
        }

        if (_functions.Contains(function))
        {
            return;
        }

        _functions.Add(function);
        callers.Add(function);
        foreach (PtxInstruction call in function.Instructions)
        {
            if (CallSite.CalleeName(call) is not string name)
            {
                continue;
            }

            if (module.Syntax.Functions.TryGetValue(name, out PtxFunction? callee) && callee.HasBody)
            {
                Visit(module, callee, callers);
            }
            else
            {
                Missing.Add((call, name));
            }
        }

        callers.RemoveAt(callers.Count - 1);
    }

    private void Place(PtxModule module, PtxFunction function)
    {
        foreach (Variable variable in function.Variables.Where(v => v.Space == VariableSpace.Shared))
        {
            PlaceShared(function.Name, variable);
        }

        IEnumerable<Variable> locals = function.Variables.Where(v => v.Space != VariableSpace.Shared);
        locals = function.IsKernel ? locals : locals.Concat(function.Parameters).Concat(function.Results);

        // One name may be declared in several scopes (param0 of every call): they share the largest place.
        foreach (IGrouping<string, Variable> sameName in locals.GroupBy(v => v.Name))
        {
            PlaceLocal(function.Name, sameName.MaxBy(v => v.LengthBytes)!);
        }

        foreach (string name in ReferencedNames(function))
        {
            if (module.Syntax.Variables.TryGetValue(name, out Variable? variable) && variable.Space == VariableSpace.Shared && variable.LengthBytes > 0)
            {
                PlaceShared(string.Empty, variable);
            }
        }
    }

    private void PlaceDynamicShared(PtxModule module)
    {
        foreach (Variable variable in module.Syntax.Variables.Values)
        {
            if (variable.Space == VariableSpace.Shared && variable.LengthBytes == 0 && _functions.Any(f => ReferencedNames(f).Contains(variable.Name)))
            {
                SharedBytes = Align(SharedBytes, Math.Max(16, variable.Alignment));
                _offsets[(string.Empty, variable.Name)] = SharedBytes;
            }
        }
    }

    private void PlaceShared(string owner, Variable variable)
    {
        if (_offsets.ContainsKey((owner, variable.Name)))
        {
            return;
        }

        SharedBytes = Align(SharedBytes, variable.Alignment);
        _offsets[(owner, variable.Name)] = SharedBytes;
        SharedBytes += (int)variable.LengthBytes;
    }

    private void PlaceLocal(string owner, Variable variable)
    {
        LocalBytes = Align(LocalBytes, Math.Max(variable.Alignment, 8));
        _offsets[(owner, variable.Name)] = LocalBytes;
        LocalBytes += (int)variable.LengthBytes;
    }

    private static HashSet<string> ReferencedNames(PtxFunction function)
    {
        var names = new HashSet<string>();
        foreach (PtxInstruction instruction in function.Instructions)
        {
            foreach (Operand operand in instruction.Operands)
            {
                Operand inner = operand.Kind == OperandKind.Address ? operand.Parts[0] : operand;
                if (inner.Kind == OperandKind.Symbol)
                {
                    names.Add(inner.Name);
                }
            }
        }

        return names;
    }
}
