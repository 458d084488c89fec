using System.Runtime.InteropServices;
using Jukebox.Core.Contract;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Driver;
using Jukebox.Cuda.Kernels;
using Jukebox.PtxMachine;
using Xunit;

namespace Jukebox.Tests.Attention;

/// <summary>The device's statement of the patterns against the host's, position by position.</summary>
public sealed class AttentionPatternTests
{
    private const string Header = "common/attention_pattern.cuh";
    private const int Figures = 8;

    /// <summary>For each position: its slot; its visible keys' five figures; the slots of the middle key and of the last.</summary>
    private const string Probe = """
        #include "common/attention_pattern.cuh"
        struct Args { int* figures; int count; AttentionPatternArgs pattern; };
        static_assert(sizeof(AttentionPatternArgs) == PATTERN_BYTES && sizeof(Args) == ARGS_BYTES, "differs from its twin");
        extern "C" __global__ void probe(const Args args) {
            int position = blockIdx.x * blockDim.x + threadIdx.x;
            if (position >= args.count) {
                return;
            }
            VisibleKeys visible = args.pattern.visible(position);
            int* figures = args.figures + 8 * position;
            figures[0] = args.pattern.slot(position);
            figures[1] = visible.first_slot;
            figures[2] = visible.count;
            figures[3] = visible.run_length;
            figures[4] = visible.run_stride;
            figures[5] = visible.zero_keys;
            figures[6] = visible.count > 0 ? visible.slot(visible.count / 2) : -1;
            figures[7] = visible.count > 0 ? visible.slot(visible.count - 1) : -1;
        }
        """;

    /// <summary>Context, blocks, chunk, spread, lyrics: the smallest, awkward ones, and those of the published priors.</summary>
    private static readonly (int, int, int, int, int)[] Shapes =
        [(1, 1, 1, 1, 1), (12, 4, 3, 2, 5), (15, 3, 15, 5, 0), (21, 7, 2, 3, 40), (528, 4, 77, 130, 128), (6528, 64, 512, 8, 384), (8192, 128, 1024, 16, 512)];

    [SkippableTheory]
    [InlineData("compute_70")]
    [InlineData("compute_80")]
    public void EveryPositionHasTheSameSlotsOnTheDevice(string target)
    {
        Nvrtc? compiler = CudaLibrary.FindNvrtc();
        Skip.If(compiler is null, "no NVRTC: the probe is no kernel that ships");
        string[] options = ["--std=c++17", $"-DPATTERN_BYTES={Marshal.SizeOf<AttentionPatternArgs>()}", $"-DARGS_BYTES={Marshal.SizeOf<ProbeArgs>()}"];
        CompiledSource compiled = compiler!.Compile("probe.cu", Probe, [new SourceHeader(Header, KernelSource.Read(Header))], target, options);
        var module = PtxModule.Parse(System.Text.Encoding.UTF8.GetString(compiled.Image).TrimEnd('\0'), "probe.ptx");
        using var memory = new DeviceMemory(1 << 20);
        using var loaded = new LoadedModule(module, memory);
        var machine = new Machine(new MachineOptions(), memory);
        foreach ((int context, int blocks, int chunk, int spread, int lyrics) in Shapes)
        {
            foreach (AttentionKind kind in Enum.GetValues<AttentionKind>())
            {
                var pattern = AttentionPattern.Create(kind, context, blocks, chunk, spread, lyrics);
                int[] actual = Run(machine, loaded, pattern, context);
                for (int position = 0; position < context; position++)
                {
                    Assert.Equal(Expected(pattern, position), actual.AsSpan(Figures * position, Figures).ToArray());
                }
            }
        }
    }

    private static int[] Expected(in AttentionPattern pattern, int position)
    {
        VisibleKeys visible = pattern.Visible(position);
        return
        [
            pattern.Slot(position), visible.FirstSlot, visible.Count, visible.RunLength, visible.RunStride, visible.ZeroKeys,
            visible.Count > 0 ? visible.Slot(visible.Count / 2) : -1, visible.Count > 0 ? visible.Slot(visible.Count - 1) : -1,
        ];
    }

    private static int[] Run(Machine machine, LoadedModule loaded, in AttentionPattern pattern, int count)
    {
        const int blockThreads = 128;
        var figures = new int[count * Figures];
        ulong address = machine.Memory.Allocate(figures.Length * sizeof(int));
        var args = new ProbeArgs { Figures = address, Count = count, Pattern = new AttentionPatternArgs(pattern) };
        machine.Launch(
            loaded,
            loaded.Module.Kernels["probe"],
            new Dim3((count + blockThreads - 1) / blockThreads),
            new Dim3(blockThreads),
            0,
            MemoryMarshal.AsBytes(new ReadOnlySpan<ProbeArgs>(in args)));
        machine.Memory.Read(address, MemoryMarshal.AsBytes(figures.AsSpan()));
        machine.Memory.Free(address);
        return figures;
    }

    private struct ProbeArgs
    {
        public ulong Figures;
        public int Count;
        public AttentionPatternArgs Pattern;
    }
}
