using System.Buffers.Binary;
using Jukebox.Conversion;
using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Targets;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>Nothing wrong is taken for right: checksums and digests are held against what is read, and weights must be finite numbers that the file holds.</summary>
public sealed class IntegrityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>PyTorch states checksums in front of the data or behind it; both ways the directory has them.</summary>
    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void AChangedEntryOfAZipIsNamed(bool checksumsFollow)
    {
        byte[] content = File.ReadAllBytes(GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar"));
        if (checksumsFollow)
        {
            ModelConverter.Run(new ConversionRequest { Sources = [_folder.Write("in.pth.tar", content)], Output = _folder["pth"], Target = TargetFormat.Checkpoints });
            content = File.ReadAllBytes(_folder["pth", "vqvae.pth.tar"]);
        }

        string path = _folder.Write("vqvae.pth.tar", content);
        using (var file = new SourceFile(path))
        {
            foreach (ZipEntry entry in ZipDirectory.Read(file).Values.Where(entry => entry.LengthBytes > 0))
            {
                byte[] flipped = [.. content];
                flipped[entry.DataOffsetBytes + (entry.LengthBytes / 2)] ^= 4;
                DamagedFileException error = Assert.Throws<DamagedFileException>(() => Convert(_folder.Write("flipped.pth.tar", flipped)));
                Assert.Contains($"the checksum of its entry '{entry.Name}' is", error.Message, StringComparison.Ordinal);
            }
        }

        Assert.False(Directory.Exists(_folder["out"]));
        Convert(path);
    }

    /// <summary>torch.serialization.set_crc32_options(False) makes such files: all checksums are zero.</summary>
    [SkippableFact]
    public void AZipWithoutChecksumsIsReadWithANote()
    {
        byte[] content = File.ReadAllBytes(GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar"));
        ConversionReport checkedOne = Convert(_folder.Write("a/vqvae.pth.tar", content));
        ConversionReport report = Convert(_folder.Write("b/vqvae.pth.tar", ZipEdit.WithChecksums(content, _ => 0)));
        Assert.Equal(checkedOne.Description.Files, report.Description.Files);
        Assert.DoesNotContain(checkedOne.Notes, note => note.Contains("no checksums", StringComparison.Ordinal));
        Assert.Contains(report.Notes, note => note.StartsWith("vqvae.pth.tar: the format has no checksums", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("vqvae.safetensors")]
    [InlineData("prior_0.safetensors")]
    [InlineData("labels/v3_genre_ids.txt")]
    public void AChangedFileOfAModelFolderIsNamed(string name)
    {
        CopyModel();
        byte[] content = File.ReadAllBytes(_folder["model", name]);
        content[^3] ^= 1;
        string path = _folder.Write($"model/{name}", content);
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Convert(_folder["model"]));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("where model.json states", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public void AWeightFileWithoutADigestIsRefused()
    {
        CopyModel();
        ModelDescription description = ModelDescription.Read(_folder["model"]);
        description.Files.Remove("prior_0.safetensors");
        description.Write(_folder["model"]);
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Convert(_folder["model"]));
        Assert.Contains("model.json states no digest of it", error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void TensorsThatHoldNoNumbersAreNamed(float value)
    {
        string path = _folder.Write("vqvae.pth.tar", File.ReadAllBytes(GoldenDirectory.Require("vqvae_tiny", "vqvae.legacy.pth.tar")));
        using (Checkpoint checkpoint = Checkpoint.Open(path))
        {
            byte[] content = File.ReadAllBytes(path);
            foreach (string name in (string[])["decoders.0.out.bias", "bottleneck.level_blocks.1.k"])
            {
                BinaryPrimitives.WriteSingleLittleEndian(content.AsSpan((int)checkpoint.Tensors[name].OffsetBytes), value);
            }

            path = _folder.Write("spoilt.pth.tar", content);
        }

        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Convert(path));
        Assert.Contains("'decoders.0.out.bias' (1 of 1)", error.Message, StringComparison.Ordinal);
        Assert.Contains("'bottleneck.level_blocks.1.k' (1 of ", error.Message, StringComparison.Ordinal);
        Assert.Contains("that are not finite numbers (NaN or infinity)", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public void ValuesThatWouldBecomeInfiniteAreRefused()
    {
        string folder = _folder["model"];
        ExportCase.WriteOdd(folder, ElementType.F32);
        const string name = "prior.transformer._attn_mods.0.attn.c_attn.w";
        long at;
        using (WeightFile file = WeightFile.Open(Path.Combine(folder, "prior_1.safetensors")))
        {
            at = file[name].OffsetBytes;
        }

        byte[] content = File.ReadAllBytes(Path.Combine(folder, "prior_1.safetensors"));
        BinaryPrimitives.WriteSingleLittleEndian(content.AsSpan((int)at), 70000);
        File.WriteAllBytes(Path.Combine(folder, "prior_1.safetensors"), content);
        ModelDescription description = ModelDescription.Read(folder);
        description.Files["prior_1.safetensors"] = new FileDigest(content.Length, System.Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)));
        description.Write(folder);
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Convert(folder, ElementType.F16));
        Assert.Contains($"values too large for F16, which would become infinite, are in '{name}' (1 of ", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(Convert(folder, ElementType.BF16).Description.Files);
    }

    [Theory]
    [InlineData(SourceElement.F32, 4, 0x7f80_0000ul, 0x7f7f_fffful)]
    [InlineData(SourceElement.F16, 2, 0x7c00ul, 0x7bfful)]
    [InlineData(SourceElement.BF16, 2, 0x7f80ul, 0x7f7ful)]
    [InlineData(SourceElement.F64, 8, 0x7ff0_0000_0000_0000ul, 0x7fef_ffff_ffff_fffful)]
    public void EveryPlaceAndEveryTypeIsLookedAt(SourceElement element, int elementBytes, ulong infinity, ulong largest)
    {
        const int count = 131;
        var raw = new byte[count * elementBytes];
        for (int i = 0; i < count; i++)
        {
            Put(i, largest);
        }

        Assert.Equal(0, FiniteCheck.CountNonFinite(raw, element));
        for (int i = 0; i < count; i++)
        {
            foreach (ulong bad in (ulong[])[infinity, infinity | 1, infinity | (1ul << ((8 * elementBytes) - 1))])
            {
                Put(i, bad);
                Assert.Equal(1, FiniteCheck.CountNonFinite(raw, element));
            }

            Put(i, largest);
        }

        void Put(int index, ulong bits)
        {
            for (int i = 0; i < elementBytes; i++)
            {
                raw[(index * elementBytes) + i] = (byte)(bits >> (8 * i));
            }
        }
    }

    [SkippableFact]
    public void WhatAFileDoesNotHoldIsAskedFor()
    {
        (string repeated, ModelDescription model) = Repeated(shared: false);
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Convert(repeated));
        Assert.Contains("tensor 'bottleneck.level_blocks.0.k' (24, 6) is 576 bytes large, of which the file holds 24 bytes: it repeats them", error.Message, StringComparison.Ordinal);
        Assert.Contains("--allow-expansion", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
        ConversionReport report = ModelConverter.Run(new ConversionRequest { Sources = [repeated], Output = _folder["out"], AllowExpansion = true });
        Assert.Equal(model.VqVae.CodebookSize, report.Description.VqVae.CodebookSize);
        using WeightFile file = WeightFile.Open(_folder["out", "vqvae.safetensors"]);
        float[] rows = file["bottleneck.level_blocks.0.k"].ReadSingles();
        Assert.All(rows.Chunk(6), row => Assert.Equal(rows[..6], row));
    }

    [Fact]
    public void TensorsThatShareTheirDataCountTogether()
    {
        (string shared, _) = Repeated(shared: true);
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Convert(shared));
        Assert.Contains("they share their data", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(ModelConverter.Run(new ConversionRequest { Sources = [shared], Output = _folder["out"], AllowExpansion = true }).Sources);
    }

    /// <summary>A VQ-VAE of which a codebook is one row many times, or in which every tensor begins at the same number.</summary>
    private (string Path, ModelDescription Model) Repeated(bool shared)
    {
        ModelDescription model = ExportCase.Odd;
        IReadOnlyList<TensorEntry> table = TensorTable.Of(model.VqVae);
        var builder = new CheckpointBuilder().Storage("all", [.. Enumerable.Range(0, (int)table.Max(entry => entry.CheckpointShape.LengthElements)).Select(i => i / 1000f)]);
        foreach (TensorEntry entry in table)
        {
            long[] sizes = [.. Enumerable.Range(0, entry.CheckpointShape.Rank).Select(axis => (long)entry.CheckpointShape[axis])];
            bool isRepeated = !shared && entry.Name == "bottleneck.level_blocks.0.k";
            if (shared || isRepeated)
            {
                builder.Tensor(entry.Name, "all", 0, sizes, isRepeated ? [0, 1] : CheckpointBuilder.StridesOf(sizes));
            }
            else
            {
                builder.Tensor(entry.Name, new float[entry.CheckpointShape.LengthElements], sizes);
            }
        }

        builder.Hyperparameter("dilation_growth_rate", 2).Hyperparameter("dilation_cycle", 2).Hyperparameter("strides_t", model.VqVae.Strides).Hyperparameter("downs_t", model.VqVae.Downs)
            .Hyperparameter("hvqvae_multipliers", model.VqVae.Multipliers).Hyperparameter("sr", 22050);
        builder.WriteZip(_folder["odd.pth.tar"]);
        return (_folder["odd.pth.tar"], model);
    }

    private ConversionReport Convert(string source, ElementType? type = null) =>
        ModelConverter.Run(new ConversionRequest { Sources = [source], Output = _folder["out"], Type = type, Force = true, Name = "m" });

    private void CopyModel()
    {
        foreach ((string name, byte[] content) in TemporaryFolder.Files(NoiseModelFolder.Path))
        {
            _folder.Write($"model/{name}", content);
        }
    }
}
