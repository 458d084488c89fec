using System.Runtime.InteropServices;
using System.Text.Json;
using Jukebox.Models.Format;
using Xunit;

namespace Jukebox.Testing.Golden;

/// <summary>One <c>embed_*</c> directory: what extractors of music features took from a model, and the model, converted.</summary>
public sealed class EmbedCase : IDisposable
{
    private readonly GoldenTensors _io;
    private readonly JsonDocument _json;

    /// <summary>Opens a case; skips the test, saying so, where it or its checkpoints are not there.</summary>
    /// <param name="name">Name of the directory.</param>
    /// <param name="fromHuggingFace">Whether the model comes from its Hugging Face form.</param>
    public EmbedCase(string name, bool fromHuggingFace = false)
    {
        _json = JsonDocument.Parse(File.ReadAllBytes(GoldenDirectory.Require(name, "case.json")));
        _io = new GoldenTensors(GoldenDirectory.Require(name, "io.safetensors"));
        string[] sources;
        if (fromHuggingFace)
        {
            Skip.IfNot(Case.TryGetProperty("hugging_face", out JsonElement repository), $"{name} has no Hugging Face form");
            sources = [GoldenDirectory.Require(name, repository.GetString()!)];
        }
        else
        {
            sources = [Checkpoint(name, "vqvae"), Checkpoint(name, "prior")];
        }

        Model = ModelFolder.Open(GoldenModels.Folder($"{name}{(fromHuggingFace ? ".hf" : "")}", sources));
    }

    /// <summary>The model.</summary>
    public ModelFolder Model { get; }

    /// <summary>What <c>case.json</c> says.</summary>
    public JsonElement Case => _json.RootElement;

    /// <summary>Inputs and outputs of the extractors.</summary>
    public GoldenTensors Tensors => _io;

    /// <summary>Numbers of a tensor.</summary>
    public float[] Values(string tensor) => _io.Read<float>(tensor);

    /// <summary>One entry of a tensor's first axis.</summary>
    public float[] Values(string tensor, int index)
    {
        float[] all = Values(tensor);
        int length = all.Length / _io.Shape(tensor)[0];
        return all[(index * length)..((index + 1) * length)];
    }

    /// <summary>Rows of an integer tensor.</summary>
    public long[][] Rows(string tensor) => [.. _io.Read<long>(tensor).Chunk(_io.Shape(tensor)[^1])];

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        _json.Dispose();
    }

    /// <summary>A checkpoint that the case names, in whichever of the two formats it is there.</summary>
    private string Checkpoint(string name, string property)
    {
        string path = Case.GetProperty(property).GetString()!;
        string other = path.Replace(".zip.pth.tar", ".legacy.pth.tar", StringComparison.Ordinal);
        return GoldenDirectory.Require(name, File.Exists(Path.Combine(GoldenDirectory.Root, name, path)) ? path : other);
    }
}

/// <summary>A safetensors file with any numbers: models have no doubles, and <see cref="Core.Files.WeightFile"/> refuses them.</summary>
public sealed class GoldenTensors
{
    private readonly byte[] _bytes;
    private readonly JsonDocument _header;
    private readonly int _dataStart;

    /// <summary>Reads a file that is trusted.</summary>
    public GoldenTensors(string path)
    {
        _bytes = File.ReadAllBytes(path);
        int length = checked((int)BitConverter.ToInt64(_bytes));
        _header = JsonDocument.Parse(_bytes.AsMemory(sizeof(long), length));
        _dataStart = sizeof(long) + length;
    }

    /// <summary>Whether there is such a tensor.</summary>
    public bool Has(string tensor) => _header.RootElement.TryGetProperty(tensor, out _);

    /// <summary>Extents of a tensor.</summary>
    public int[] Shape(string tensor) => [.. _header.RootElement.GetProperty(tensor).GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32())];

    /// <summary>Numbers of a tensor, which must be stored as <typeparamref name="T"/>.</summary>
    public T[] Read<T>(string tensor)
        where T : unmanaged
    {
        JsonElement entry = _header.RootElement.GetProperty(tensor);
        string stored = entry.GetProperty("dtype").GetString()!, wanted = default(T) switch { float => "F32", double => "F64", long => "I64", _ => typeof(T).Name };
        Assert.True(stored == wanted, $"{tensor} is stored as {stored}, not {wanted}");
        JsonElement offsets = entry.GetProperty("data_offsets");
        return MemoryMarshal.Cast<byte, T>(_bytes.AsSpan((_dataStart + offsets[0].GetInt32())..(_dataStart + offsets[1].GetInt32()))).ToArray();
    }
}
