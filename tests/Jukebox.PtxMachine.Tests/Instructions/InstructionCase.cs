namespace Jukebox.PtxMachine.Tests.Instructions;

/// <summary>What an instruction must give for three operands, as bit patterns zero-extended to 64 bits.</summary>
internal delegate ulong Reference(ulong a, ulong b, ulong c);

/// <summary>
/// One kernel of <c>instructions.cu</c> with its reference. <paramref name="Widths"/> has a letter for the result and each operand: H, R, L
/// for 16, 32 and 64 bits. Results of <paramref name="Result"/> that are NaN need only be NaN; with <paramref name="MaxUlps"/>, others may be
/// that many steps away.
/// </summary>
internal sealed record InstructionCase(string Kernel, string Widths, Reference Reference, FloatFormat? Result = null, int MaxUlps = 0, bool IsPacked = false, double MaxAbsolute = 0)
{
    public int MinimumTarget { get; init; } = 70;

    public override string ToString() => Kernel;

    public static int Bytes(char width) => width switch
    {
        'H' => 2,
        'R' => 4,
        _ => 8,
    };

    /// <summary>Whether a result is as good as the expected one.</summary>
    public bool Accepts(ulong expected, ulong actual)
    {
        if (Result is not FloatFormat format)
        {
            return expected == actual;
        }

        if (IsPacked)
        {
            return AcceptsOne(format, (ushort)expected, (ushort)actual) && AcceptsOne(format, (ushort)(expected >> 16), (ushort)(actual >> 16));
        }

        return AcceptsOne(format, expected, actual);
    }

    private bool AcceptsOne(FloatFormat format, ulong expected, ulong actual)
    {
        if (format.IsNaN(expected) || format.IsNaN(actual))
        {
            return format.IsNaN(expected) == format.IsNaN(actual);
        }

        if (MaxAbsolute > 0 && Math.Abs(format.ToDouble(expected) - format.ToDouble(actual)) <= MaxAbsolute)
        {
            return true;
        }

        return expected == actual || (MaxUlps > 0 && Math.Abs(Order(format, expected) - Order(format, actual)) <= MaxUlps);
    }

    /// <summary>Patterns in the order of their values.</summary>
    private static long Order(FloatFormat format, ulong bits) => (bits & format.Sign) == 0 ? (long)bits : -(long)(bits ^ format.Sign);
}
