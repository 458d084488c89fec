using System.Diagnostics;
using System.Globalization;
using Jukebox.Conversion;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>
/// Mutates golden containers and converts them: only the tool's own errors may come out, in bounded time and memory.
/// <c>JUKEBOX_FUZZ_ITERATIONS</c> sets the number of mutations per container; the seeds go on from the fixed ones.
/// </summary>
public sealed class FuzzTests
{
    private const int DefaultIterations = 16;
    private const int DefaultTextIterations = 60;
    private const long AllocationLimitBytes = 400 << 20;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);

    private static int Iterations =>
        int.TryParse(Environment.GetEnvironmentVariable("JUKEBOX_FUZZ_ITERATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : DefaultIterations;

    private static int TextIterations => Math.Max(Iterations, DefaultTextIterations);

    public static TheoryData<string> Files()
    {
        var files = new TheoryData<string>();
        foreach (string path in Directory.EnumerateFiles(GoldenDirectory.Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(GoldenDirectory.Root, path);
            bool isSource = name.EndsWith(".pth.tar", StringComparison.Ordinal) || name.EndsWith(".bin", StringComparison.Ordinal)
                || (name.StartsWith("hf_", StringComparison.Ordinal) && name.Split(Path.DirectorySeparatorChar).Length == 3
                    && Path.GetFileName(name) is not ("tokenizer_config.json" or "special_tokens_map.json" or "lyrics.json"));
            if (isSource)
            {
                files.Add(name);
            }
        }

        return files;
    }

    [SkippableTheory]
    [MemberData(nameof(Files))]
    public void OnlyTheToolsOwnErrorsComeOut(string name)
    {
        string original = GoldenDirectory.Require(name.Split(Path.DirectorySeparatorChar));
        using var folder = new TemporaryFolder();
        string source = CopyAround(original, folder, name);
        Mutate(original, source, name, () => ModelConverter.Run(new ConversionRequest { Sources = [SourceOf(source, name)], Output = folder["out"], Force = true }));
    }

    [Fact]
    public void OnlyTheToolsOwnErrorsComeOutOfDescriptions()
    {
        using var folder = new TemporaryFolder();
        foreach ((string name, byte[] file) in TemporaryFolder.Files(NoiseModelFolder.Path))
        {
            folder.Write($"in/{name}", file);
        }

        string target = folder["in", ModelDescription.FileName];
        byte[] content = File.ReadAllBytes(target);
        MutateEach(TextIterations, i => Mutation.OfText(content, new Random(7_000_003 + i)), target, ModelDescription.FileName, () =>
            ModelConverter.Run(new ConversionRequest { Sources = [folder["in"]], Output = folder["out"], Force = true }));
    }

    [SkippableFact]
    public void OnlyTheToolsOwnErrorsComeOutOfModelFolders()
    {
        string model = GoldenModels.Folder("prior_5b");
        using var folder = new TemporaryFolder();
        foreach (string file in (string[])[ModelDescription.FileName, ModelDescription.PriorFileName(2)])
        {
            foreach (string path in Directory.GetFiles(model))
            {
                File.Copy(path, folder[Path.GetFileName(path)], overwrite: true);
            }

            string original = Path.Combine(model, file);
            if (file == ModelDescription.FileName)
            {
                Unsealed.Make(folder[file]);
                original = folder.Write("unsealed.json", File.ReadAllBytes(folder[file]));
            }

            Mutate(original, folder[file], file, () =>
            {
                ModelDescription description = ModelDescription.Read(folder.Path);
                using WeightFile weights = WeightFile.Open(folder[ModelDescription.PriorFileName(2)]);
                Assert.All(weights.Tensors.Values, tensor => Assert.InRange(tensor.OffsetBytes + tensor.LengthBytes, 0, weights.LengthBytes));
                ModelConverter.Run(new ConversionRequest { Sources = [folder.Path], Output = folder["out"], Force = true });
            });
        }
    }

    /// <summary>Texts have no lengths that could lie, but numbers, lists and names of any size and kind.</summary>
    [SkippableTheory]
    [InlineData("config.json")]
    [InlineData("model.safetensors.index.json")]
    [InlineData("artists.json")]
    [InlineData("genres.json")]
    [InlineData("v2_artist_ids.txt")]
    [InlineData("v2_genre_ids.txt")]
    public void OnlyTheToolsOwnErrorsComeOutOfTexts(string name)
    {
        using var folder = new TemporaryFolder();
        foreach (string path in Directory.GetFiles(GoldenDirectory.Require("hf_pipeline_5b_lyrics_primed", "safetensors_fp16")))
        {
            folder.Write($"in/{Path.GetFileName(path)}", File.ReadAllBytes(path));
        }

        folder.Write("in/artists.json", """{"unknown":0,"unknown.v2":0,"Hall & Oates":1,"hall_oates.v2":1}""");
        folder.Write("in/genres.json", """{"unknown":0,"unknown.v2":0,"rock.v2":12}""");
        bool isTable = name.EndsWith(".txt", StringComparison.Ordinal);
        string target = isTable ? folder.Write($"labels/{name}", "unknown;0\nhall_oates;1\n\nrock;12") : folder["in", name];
        byte[] content = File.ReadAllBytes(target);
        MutateEach(TextIterations, i => Mutation.OfText(content, new Random((StableHash(name) * 1_000_003) + i)), target, name, () =>
            ModelConverter.Run(new ConversionRequest { Sources = [folder["in"]], Output = folder["out"], Force = true, LabelFolder = isTable ? folder["labels"] : null }));
    }

    /// <summary>A file of a repository is converted with the others beside it; a checkpoint alone.</summary>
    private static string CopyAround(string original, TemporaryFolder folder, string name)
    {
        Directory.CreateDirectory(folder["in"]);
        string source = folder["in", Path.GetFileName(name)];
        if (name.StartsWith("hf_", StringComparison.Ordinal))
        {
            foreach (string path in Directory.GetFiles(Path.GetDirectoryName(original)!))
            {
                File.Copy(path, folder["in", Path.GetFileName(path)]);
                File.SetAttributes(folder["in", Path.GetFileName(path)], FileAttributes.Normal);
            }
        }

        return source;
    }

    private static string SourceOf(string path, string name) => name.StartsWith("hf_", StringComparison.Ordinal) ? Path.GetDirectoryName(path)! : path;

    private static void Mutate(string original, string target, string name, Action convert)
    {
        byte[] content = File.ReadAllBytes(original);
        MutateEach(Iterations, i => Mutation.Of(content, new Random((StableHash(name) * 1_000_003) + i)), target, name, convert);
    }

    private static void MutateEach(int iterations, Func<int, byte[]> mutate, string target, string name, Action convert)
    {
        for (int i = 0; i < iterations; i++)
        {
            int seed = (StableHash(name) * 1_000_003) + i;
            File.WriteAllBytes(target, mutate(i));
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            try
            {
                convert();
            }
            catch (Exception e) when (e is DamagedFileException or ConversionException)
            {
                Assert.DoesNotContain("\n", e.Message[..Math.Min(e.Message.Length, 200)], StringComparison.Ordinal);
            }
            catch (Exception e)
            {
                Assert.Fail($"{name}, seed {seed}: {e}");
            }

            Assert.True(clock.Elapsed < TimeLimit, $"{name}, seed {seed} took {clock.Elapsed}");
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.True(allocated < AllocationLimitBytes, $"{name}, seed {seed} allocated {allocated} bytes");
        }
    }

    /// <summary>The same in every process, unlike string.GetHashCode.</summary>
    private static int StableHash(string text) => text.Aggregate(17, (hash, c) => (hash * 31) + c);
}
