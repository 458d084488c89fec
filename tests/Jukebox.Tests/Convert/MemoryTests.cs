using System.Diagnostics;
using System.Globalization;
using Jukebox.Conversion.Containers;
using Jukebox.Models.Format;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>
/// The converter's peak memory does not grow with the file: measured on the real process with a generated checkpoint.
/// <c>JUKEBOX_LARGE_FILE_GB</c> sets its size.
/// </summary>
public sealed class MemoryTests
{
    private const int Width = 1024;

    /// <summary>The contract is 512 MB plus the largest tensor; what is used is mostly the run-time.</summary>
    private const long LimitBytes = 256L << 20;

    [SkippableFact]
    public async Task PeakMemoryDoesNotGrowWithTheFile()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "sparse files and the peak of another process are measured on Linux");
        double gigabytes = double.TryParse(Environment.GetEnvironmentVariable("JUKEBOX_LARGE_FILE_GB"), CultureInfo.InvariantCulture, out double given) ? given : 0.4;
        using var folder = new TemporaryFolder();
        string source = folder["prior_level_2.pth.tar"];
        long largestBytes = WriteCheckpoint(source, (long)(gigabytes * 1e9));
        Assert.InRange(await PeakOfRun(source, "-o", folder["model"], "--dtype", "bf16"), 1, LimitBytes + largestBytes);
        Assert.NotNull(ModelDescription.Read(folder["model"]).PriorOf(2));
        Assert.InRange(await PeakOfRun(folder["model"], "--to", "pth", "-o", folder["pth"]), 1, LimitBytes + largestBytes);
        using Checkpoint exported = Checkpoint.Open(folder["pth", "prior_level_2.pth.tar"]);
        Assert.Contains("prior.x_out.weight", exported.Tensors.Keys);
    }

    /// <summary>The peak, in bytes, of the converter with these arguments, which must succeed.</summary>
    private static async Task<long> PeakOfRun(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "jukebox-convert.dll"), .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        long peakBytes = 0;
        while (!process.HasExited)
        {
            peakBytes = Math.Max(peakBytes, PeakOf(process));
            await Task.Delay(20);
        }

        await output;
        Assert.True(process.ExitCode == 0, await error);
        return peakBytes;
    }

    /// <summary>An unlabelled prior as deep as the size needs, its data holes in the file; returns the largest tensor's bytes.</summary>
    private static long WriteCheckpoint(string path, long lengthBytes)
    {
        const long layerBytes = 3L * Width * Width * sizeof(float);
        int depth = (int)Math.Clamp(lengthBytes / layerBytes, 1, 1024);
        PriorSpec spec = PublishedModels.Top("5b") with
        {
            ContextLength = 64,
            Labels = null,
            Transformer = new() { Width = Width, Depth = depth, Heads = 1, AttentionOrder = 2, BlockCount = 8 },
        };
        var builder = new CheckpointBuilder().Hyperparameter("level", 2).Hyperparameter("n_ctx", 64).Hyperparameter("prior_width", Width).Hyperparameter("prior_depth", depth)
            .Hyperparameter("heads", 1).Hyperparameter("attn_order", 2).Hyperparameter("blocks", 8).Hyperparameter("labels", false).Hyperparameter("merged_decoder", true);
        long largestBytes = 0;
        foreach (TensorEntry entry in TensorTable.Of(spec, PublishedModels.VqVae))
        {
            long[] sizes = [.. Enumerable.Range(0, entry.CheckpointShape.Rank).Select(axis => (long)entry.CheckpointShape[axis])];
            builder.Storage(entry.Name, "FloatStorage", entry.CheckpointShape.LengthElements, null, sizeof(float))
                .Tensor(entry.Name, entry.Name, 0, sizes, CheckpointBuilder.StridesOf(sizes));
            largestBytes = Math.Max(largestBytes, entry.CheckpointShape.LengthElements * sizeof(float));
        }

        builder.WriteLegacy(path);
        return largestBytes;
    }

    private static long PeakOf(Process process)
    {
        try
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
        catch (InvalidOperationException)
        {
            // It ended between the two looks at it.
            return 0;
        }
    }
}
