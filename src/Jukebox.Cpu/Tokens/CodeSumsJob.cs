namespace Jukebox.Cpu.Tokens;

/// <summary>How many rows have each code, and what they sum to; a part is some codes.</summary>
internal unsafe struct CodeSumsJob
{
    public int* Codes;
    public float* Input, Counts, Sums;
    public int RowCount, CodeCount, Width, CodesPerPart;

    /// <summary>output = x + scale · delta: x, delta, scale, output, count.</summary>
    public delegate*<float*, float*, float, float*, int, void> Add;

    /// <summary>Sums the rows of some codes, in order.</summary>
    public static void Run(void* argument, int part, int worker)
    {
        ref CodeSumsJob job = ref *(CodeSumsJob*)argument;
        int first = part * job.CodesPerPart, count = Math.Min(job.CodesPerPart, job.CodeCount - first);
        new Span<float>(job.Counts + first, count).Clear();
        new Span<float>(job.Sums + ((long)first * job.Width), count * job.Width).Clear();
        for (int row = 0; row < job.RowCount; row++)
        {
            int code = job.Codes[row];
            if (code >= first && code < first + count)
            {
                float* sum = job.Sums + ((long)code * job.Width);
                job.Counts[code]++;
                job.Add(sum, job.Input + ((long)row * job.Width), 1, sum, job.Width);
            }
        }
    }
}
