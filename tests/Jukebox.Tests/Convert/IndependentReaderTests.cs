using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>Exported checkpoints as Python's own zip and pickle modules read them, under PyTorch's rules.</summary>
public sealed class IndependentReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData(ElementType.F32, "FloatStorage")]
    [InlineData(ElementType.F16, "HalfStorage")]
    [InlineData(ElementType.BF16, "BFloat16Storage")]
    public void PythonReadsEveryTensor(ElementType type, string storageClass)
    {
        ExportCase.WriteOdd(_folder["model"], type);
        ExportCase.Export(_folder["model"], _folder["pth"]);
        foreach (string path in Directory.GetFiles(_folder["pth"]))
        {
            string[] lines = Read(path);
            using Checkpoint checkpoint = Checkpoint.Open(path);
            Assert.Equal(checkpoint.Tensors.Count, lines.Length - 3);
            Dictionary<long, string> keys = [];
            foreach ((SourceTensor tensor, string line) in checkpoint.Tensors.Values.Zip(lines))
            {
                string key = keys.TryGetValue(tensor.OffsetBytes, out string? shared) ? shared : keys[tensor.OffsetBytes] = keys.Count.ToString(CultureInfo.InvariantCulture);
                string expectedClass = tensor.Element == SourceElement.F32 ? "FloatStorage" : storageClass;
                string digest = Convert.ToHexStringLower(SHA256.HashData(ExportCase.Bytes(tensor)));
                Assert.Equal(string.Join('\t', tensor.Name, expectedClass, key, "0", List(tensor.Sizes), List(tensor.Strides), digest), line);
            }

            Assert.Equal("{\"step\": 0, \"has_optimiser\": false}", lines[^1]);
            AssertHyperparameters(JsonDocument.Parse(lines[^2]).RootElement, CheckpointFiles.LevelOf(path));
        }
    }

    private static void AssertHyperparameters(JsonElement hyperparameters, int? level)
    {
        VqVaeSpec vqvae = ExportCase.Odd.VqVae;
        Assert.Equal(22050, hyperparameters.GetProperty("sr").GetInt32());
        Assert.Equal(vqvae.Downs, hyperparameters.GetProperty("downs_t").EnumerateArray().Select(value => value.GetInt32()));
        Assert.Equal(vqvae.HiddenMultiplier, hyperparameters.GetProperty("m_conv").GetDouble());
        Assert.Equal(JsonValueKind.False, hyperparameters.GetProperty("vqvae_reverse_decoder_dilation").ValueKind);
        if (level is null)
        {
            Assert.False(hyperparameters.TryGetProperty("prior_width", out _));
            return;
        }

        PriorSpec prior = ExportCase.Odd.PriorOf(level.Value)!;
        Assert.Equal(prior.Transformer.Width, hyperparameters.GetProperty("prior_width").GetInt32());
        Assert.Equal(prior.Transformer.MlpMultiplier, hyperparameters.GetProperty("m_mlp").GetDouble());
        Assert.Equal(JsonValueKind.Null, hyperparameters.GetProperty("alignment_layer").ValueKind);

        // Without it the reference names the conditioner's residual blocks otherwise than the checkpoint does.
        Assert.Equal(prior.UpperCodes is not null, hyperparameters.TryGetProperty("cond_c_res", out JsonElement naming) && naming.GetInt32() == 1);
    }

    private static string List(IEnumerable<long> values) => $"[{string.Join(", ", values)}]";

    private static string[] Read(string path)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Convert", "read_checkpoint.py");
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("python3", [script, path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, error.Result);
            return output.TrimEnd().Split(Environment.NewLine);
        }
        catch (Win32Exception)
        {
            Skip.If(true, "there is no python3 to read the checkpoint with");
            throw;
        }
    }
}
