using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;
using Jukebox.PtxMachine;
using Jukebox.PtxMachine.Driver;
using Jukebox.Tests.Attention;
using Xunit;

namespace Jukebox.Tests;

/// <summary>
/// The kernels of attention, convolution, rows and tokens on the machine that checks: no access outside a tensor, no read of what nobody
/// wrote, no race, no barrier that threads miss. Small shapes, every path.
/// </summary>
public sealed class CheckedOperationTests
{
    public static TheoryData<string, AttentionKind> Kinds
    {
        get
        {
            var cases = new TheoryData<string, AttentionKind>();
            foreach (string name in (string[])["cuda-70-f32", "cuda-80-f16", "cuda-80-bf16"])
            {
                foreach (AttentionKind kind in Enum.GetValues<AttentionKind>())
                {
                    cases.Add(name, kind);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void NothingIsFoundInAttention(string name, AttentionKind kind) => Check(name, contract =>
    {
        foreach (HeadShape shape in (ReadOnlySpan<HeadShape>)[new(2, 2, 48), new(1, 2, 300), new(1, 3, 15)])
        {
            // Rows whose chunks are whole, two heads that share one (of 16-bit storage), and rows without chunks; one split, and several.
            var window = new AttentionWindow(contract, shape, kind, 140, 2, 60, 7, 70);
            foreach ((int position, float[] step, float[] chunk, _) in window.Attend([0, 69, 70, 139]))
            {
                Assert.True(step.AsSpan().SequenceEqual(chunk), $"position {position}");
            }
        }

        var pattern = AttentionPattern.Create(kind, 70, 1, 70, 3, 9);
        ElementType cache = contract.Backend.CacheType(ElementType.F32);
        Tensor projected = contract.Input(ElementType.F32, contract.Random.Floats(70 * 36), 1, 70, 36);
        Tensor keys = contract.Output(cache, 1, pattern.CacheLength, 12), values = contract.Output(cache, 1, pattern.CacheLength, 12);
        Tensor weights = contract.Output(ElementType.F32, 1, 70, pattern.CacheLength);
        int appended = kind == AttentionKind.LyricsCross ? pattern.CacheLength : 70;
        contract.Backend.AppendToCache(projected.Prefix(1, appended, 36), keys, values, pattern, contract.Cursor(0));
        contract.Backend.AttentionWeights(projected, keys, pattern, 2, 1, contract.Cursor(0), weights);
    });

    [Theory]
    [InlineData("cuda-70-f32")]
    [InlineData("cuda-80-f32")]
    public void NothingIsFoundInConvolutions(string name) => Check(name, contract =>
    {
        foreach ((int length, int width, int hidden, ElementType type) in ((int, int, int, ElementType)[])
            [(1, 1, 1, ElementType.F32), (131, 12, 68, ElementType.F16), (40, 7, 9, ElementType.BF16), (129, 64, 64, ElementType.F32)])
        {
            var geometry = new ConvGeometry(1, 3, 3);
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(2 * length * width), 2, length, width);
            ConvWeights dilated = Weights(contract, type, 3, width, hidden), point = Weights(contract, type, 1, hidden, width);
            Tensor wide = contract.Output(ElementType.F32, 2, length, hidden), y = contract.Output(ElementType.F32, 2, length, width);
            contract.Backend.Conv1d(x, dilated, geometry, true, null, 1, wide);
            contract.Backend.Conv1d(wide, point, new ConvGeometry(1, 1, 0), true, x, 0.5f, y);
            contract.Backend.ResidualBlock(x, dilated, geometry, point, 0.5f, y);
            contract.Backend.TransposedConv1d(x, dilated, new ConvGeometry(2, 1, 1), contract.Output(ElementType.F32, 2, (2 * length) + 1, hidden));
            contract.Backend.NearestCode(
                x.Reshape(2 * length, width),
                contract.Input(ElementType.F32, contract.Random.Floats(67 * width), 67, width),
                contract.Output(ElementType.I32, 2 * length));
        }
    });

    [Theory]
    [InlineData("cuda-70-f32")]
    [InlineData("cuda-80-f32")]
    public void NothingIsFoundInRowsAndDraws(string name) => Check(name, contract =>
    {
        IBackend backend = contract.Backend;
        Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(2 * 3 * 37), 2, 3, 37), y = contract.Output(ElementType.F32, 2, 3, 37);
        Tensor rows = contract.Input(ElementType.F32, contract.Random.Floats(2 * 9 * 37), 2, 9, 37), cursor = contract.Cursor(2);
        Tensor table = contract.Input(ElementType.F16, contract.Random.Floats(11 * 37), 11, 37);
        Tensor tokens = contract.Input(contract.Random.Ints(2 * 9, 11), 2, 9);
        backend.Embed(tokens, table, contract.Input(ElementType.F32, contract.Random.Floats(2 * 37), 2, 37), table, rows, cursor, y);
        backend.Gather(contract.Input(contract.Random.Ints(6, 11), 2, 3), table, y);
        backend.ScaledAdd(x, y, 0.5f, y);
        backend.AddAt(x, rows, cursor, x);
        backend.Convert(x, contract.Output(ElementType.BF16, 2, 3, 37));
        foreach (int classes in (ReadOnlySpan<int>)[1, 300, 10_300])
        {
            Tensor logits = contract.Input(ElementType.F32, contract.Random.Floats(2 * classes, 3), 2, classes), drawn = contract.Output(ElementType.I32, 4, 2);
            foreach (SamplingRule rule in (ReadOnlySpan<SamplingRule>)[new(1), new(1, 3), new(1, 0, 0.7f)])
            {
                backend.SampleTokens(logits, rule, 1, 0, contract.Input([4, 5], 2), cursor, tokens, drawn);
            }
        }

        backend.Advance(cursor, 1);
    });

    private static void Check(string name, Action<OpContract> operations)
    {
        using MachineDevice device = PtxDriver.AddDevice(new DeviceOptions { ComputeCapability = name.Contains("70") ? 70 : 80, Mode = MachineMode.Check, ReportsFaults = true });
        ElementType storage = Enum.Parse<ElementType>(name.Split('-')[2], ignoreCase: true);
        using CudaBackend backend = TestBackends.Open(device, new CudaOptions { MatrixType = storage, LineInfo = true });
        using (var contract = new OpContract(backend, 91))
        {
            operations(contract);
        }

        Assert.Empty(device.Findings.Select(finding => finding.ToString()));
    }

    private static ConvWeights Weights(OpContract contract, ElementType type, int taps, int inputs, int outputs) => new(
        contract.Input(type, contract.Random.Floats(taps * inputs * outputs, 0.25f), taps, inputs, outputs),
        contract.Input(ElementType.F32, contract.Random.Floats(outputs), outputs));
}
