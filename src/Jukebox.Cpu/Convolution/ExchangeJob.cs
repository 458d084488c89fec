namespace Jukebox.Cpu.Convolution;

/// <summary>
/// Weights (taps, Cin, Cout) laid out as (target taps, Cout, Cin): in order or in reverse, next to each other or with zeros
/// between them. A part is a target tap.
/// </summary>
internal unsafe struct ExchangeJob
{
    public float* Source, Target;
    public int Taps, TargetTaps, Spacing, Inputs, Outputs;
    public bool Reversed;

    /// <summary>Lays out one tap.</summary>
    public static void Run(void* argument, int part, int worker)
    {
        ref ExchangeJob job = ref *(ExchangeJob*)argument;
        int inputs = job.Inputs, outputs = job.Outputs, tap = part / job.Spacing;
        float* target = job.Target + ((long)part * inputs * outputs);
        if (part % job.Spacing != 0)
        {
            new Span<float>(target, inputs * outputs).Clear();
            return;
        }

        float* source = job.Source + ((long)(job.Reversed ? job.Taps - 1 - tap : tap) * inputs * outputs);
        for (int i = 0; i < inputs; i++, source += outputs)
        {
            for (int o = 0; o < outputs; o++)
            {
                target[((long)o * inputs) + i] = source[o];
            }
        }
    }
}
