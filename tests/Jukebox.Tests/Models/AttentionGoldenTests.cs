using System.Globalization;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Priors;
using Jukebox.Models.VqVaes;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>Each attention function alone, against one attention module of the original implementation.</summary>
public sealed class AttentionGoldenTests : IDisposable
{
    private readonly IBackend _backend = TestBackends.OpenForModels();
    private readonly WeightFile _file = WeightFile.Open(GoldenDirectory.Require("attention", "attention.safetensors"));

    public static TheoryData<int> Functions => [.. Enumerable.Range(0, 8)];

    [Theory]
    [MemberData(nameof(Functions))]
    public void WholeSequenceAtOnceMatches(int function) =>
        Closeness.Check($"f{function}.y", Values(function, "y"), Run(function, Size("n_ctx")), Tolerances.GoldenActivations);

    [Theory]
    [MemberData(nameof(Functions))]
    public void SingleStepsMatch(int function)
    {
        // The reference has no incremental form of the two summaries; their full forward is what steps must give.
        string expected = _file.Tensors.ContainsKey($"f{function}.y_sample") ? "y_sample" : "y";
        Closeness.Check($"f{function}.{expected}", Values(function, expected), Run(function, 1), Tolerances.GoldenActivations);
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void ChunksOfAnyLengthGiveTheBitsOfSingleSteps(int function)
    {
        float[] steps = Run(function, 1);
        for (int chunkLength = 2; chunkLength <= Size("n_ctx"); chunkLength++)
        {
            Assert.Equal(steps, Run(function, chunkLength));
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _backend.Dispose();
    }

    private int Size(string name) => int.Parse(_file.Metadata[name], CultureInfo.InvariantCulture);

    private float[] Values(int function, string name) => _file[$"f{function}.{name}"].ReadSingles();

    /// <summary>c_proj(attention(x)) over the whole sequence, in chunks.</summary>
    private float[] Run(int function, int chunkLength)
    {
        string prefix = $"f{function}";
        using var weights = new DeviceWeights(_backend, _file);
        using var memory = new Workspace(_backend);
        Tensor x = weights[$"{prefix}.x"]; // (N, T, C)
        int batch = x.Shape[0], length = x.Shape[1], width = x.Shape[2], state = Size("n_state");
        int lyrics = function == 6 ? Size("encoder_dims") : Size("prime_len");
        var pattern = AttentionPattern.Create((AttentionKind)function, length, Size("blocks"), chunkLength, Size("spread"), lyrics);
        Tensor cursor = memory.Allocate("cursor", ElementType.I32, 2);
        cursor.Upload<int>([0, 0]);
        PackedMatrix projection = weights.Linear($"{prefix}.c_attn");
        var cache = new KvCache(memory, "cache", pattern, _backend.CacheType(projection.Type), batch, state);
        if (function == 6)
        {
            Tensor states = weights["f6.encoder_kv"]; // (N, E, C)
            Tensor keysValues = memory.Allocate("states", ElementType.F32, batch, states.Shape[1], 2 * state);
            _backend.Linear(states, weights.Linear("f6.c_enc_kv"), Activation.None, null, keysValues);
            _backend.AppendToCache(keysValues, cache.Keys, cache.Values, pattern, cursor);
        }

        var result = new float[x.LengthElements];
        for (int first = 0; first < length; first += chunkLength)
        {
            int count = Math.Min(chunkLength, length - first);
            Tensor rows = memory.Allocate($"rows {first}", ElementType.F32, batch, count, width);
            Tensor projected = memory.Allocate($"projected {first}", ElementType.F32, batch, count, projection.OutputWidth);
            Tensor attended = memory.Allocate($"attended {first}", ElementType.F32, batch, count, state);
            for (int n = 0; n < batch; n++)
            {
                _backend.Copy(x.Slice(n, 1).Reshape(length, width).Slice(first, count), rows.Slice(n, 1).Reshape(count, width));
            }

            _backend.Linear(rows, projection, Activation.None, null, projected);
            if (function != 6)
            {
                _backend.AppendToCache(projected, cache.Keys, cache.Values, pattern, cursor);
            }

            _backend.Attend(projected, cache.Keys, cache.Values, pattern, Size("heads"), cursor, attended);
            _backend.Linear(attended, weights.Linear($"{prefix}.c_proj"), Activation.None, null, rows);
            _backend.Advance(cursor, count);
            for (int n = 0; n < batch; n++)
            {
                rows.Slice(n, 1).Download(result.AsSpan(((n * length) + first) * width, count * width));
            }
        }

        return result;
    }
}
