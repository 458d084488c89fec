using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Jukebox.Conversion.Containers;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>Files that went wrong on the way, or were made to do harm: each gives one sentence that names file, place and remedy.</summary>
public sealed class DamagedFileTests
{
    private static readonly float[] Values = [1, 2, 3, 4];

    [Theory]
    [InlineData("", "it is empty; download it again")]
    [InlineData("<!DOCTYPE html><html><body>404</body></html>", "it is a web page, not a checkpoint; download the file itself")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "git-lfs pointer")]
    [InlineData("{\"error\": \"Repository not found\"}", "it is JSON text, not a checkpoint")]
    [InlineData("\u001f\u008b\u0008\u0000\u0000\u0000", "it is compressed with gzip; unpack it first")]
    [InlineData("\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000", "the download never finished")]
    [InlineData("BZh91AY&SY", "it is compressed with bzip2; unpack it first")]
    [InlineData("\u00fd7zXZ\u0000", "it is compressed with xz; unpack it first")]
    [InlineData("\u0028\u00b5\u002f\u00fd", "it is compressed with Zstandard; unpack it first")]
    [InlineData("7z\u00bc\u00af\u0027\u001c", "it is a 7-Zip archive; unpack it first")]
    [InlineData("Rar!\u001a\u0007", "it is a RAR archive; unpack it first")]
    [InlineData("PK\u0005\u0006", "it is an empty zip archive; unpack it first")]
    [InlineData("GGUF\u0003", "it is a GGUF file, which no checkpoint of Jukebox is published as")]
    [InlineData("\u0089HDF\r\n\u001a\n", "it is an HDF5 file")]
    [InlineData("\u0093NUMPY", "it is a NumPy array")]
    [InlineData("\u0080\u0004\u0095", "it is a Python pickle that torch.save did not write")]
    [InlineData("hello", "it is neither a PyTorch checkpoint nor a safetensors file")]
    public void WrongContentIsNamed(string content, string expected) => AssertDamaged(Encoding.Latin1.GetBytes(content), expected);

    [Fact]
    public void TarArchiveIsNamed()
    {
        var archive = new byte[1024];
        "vqvae.pth"u8.CopyTo(archive);
        "ustar"u8.CopyTo(archive.AsSpan(257));
        AssertDamaged(archive, "it is a tar archive");
    }

    /// <summary>As people put checkpoints together for a download; compressed or not.</summary>
    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void ZipArchivesOfOtherFilesSayWhatIsInThem(CompressionLevel level)
    {
        using var content = new MemoryStream();
        using (var zip = new ZipArchive(content, ZipArchiveMode.Create))
        {
            foreach (string name in (string[])["models/vqvae.pth.tar", "models/prior_level_0.pth.tar"])
            {
                using Stream entry = zip.CreateEntry(name, level).Open();
                entry.Write(new byte[10_000]);
            }
        }

        AssertDamaged(content.ToArray(), "it is a zip archive of other files (models/vqvae.pth.tar, models/prior_level_0.pth.tar), not a PyTorch checkpoint; unpack it");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EveryTruncationIsNamed(bool zip)
    {
        byte[] whole = Bytes(new CheckpointBuilder().Tensor("prior.x_emb.weight", Values, 4).Hyperparameter("level", 2), zip);
        using var folder = new TemporaryFolder();
        for (int length = 0; length < whole.Length; length++)
        {
            string path = folder.Write("cut.pth.tar", whole[..length]);
            DamagedFileException error = Assert.Throws<DamagedFileException>(() => Checkpoint.Open(path).Dispose());
            Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TruncatedStreamSaysHowLongItShouldBe()
    {
        byte[] whole = Bytes(new CheckpointBuilder().Tensor("prior.x_emb.weight", Values, 4), zip: false);
        AssertDamaged(whole[..^3], $"it is truncated: storage 'prior.x_emb.weight' ends at byte {whole.Length}, the file has {whole.Length - 3}; download it again, completely");
    }

    [Fact]
    public void TensorBeyondItsStorageIsRefused() => AssertDamaged(
        Bytes(new CheckpointBuilder().Storage("0", Values).Tensor("prior.x", "0", 1, [4], [1]), zip: true), "a tensor ends at element 5 of a storage of 4");

    [Theory]
    [InlineData(1L << 62, 1L << 62)]
    [InlineData(1L << 40, 1L << 40)]
    [InlineData(-1, 4)]
    public void AbsurdShapesAreRefused(long rows, long columns) => AssertDamaged(
        Bytes(new CheckpointBuilder().Storage("0", Values).Tensor("prior.x", "0", 0, [rows, columns], [0, 0]), zip: false), "");

    [Fact]
    public void AnnouncedLengthsAreCheckedBeforeMemoryIsTaken()
    {
        byte[] pickle = Bytes(new CheckpointBuilder().Tensor("prior.x", Values, 4), zip: false);
        int at = pickle.AsSpan().IndexOf("X\u0003\0\0\0hps"u8);
        BinaryPrimitives.WriteInt32LittleEndian(pickle.AsSpan(at + 1), 900_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertDamaged(pickle, "900000 more bytes are announced");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void MillionsOfPartsAreRefused()
    {
        byte[] nested = [.. Enumerable.Repeat((byte)']', 1_500_000)];
        AssertDamaged(Bytes(new CheckpointBuilder { Extra = nested }.Tensor("prior.x", Values, 4), zip: false), "the object has more than 1000000 parts");
    }

    [Fact]
    public void CompressedZipEntriesAreRefused()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("a/data.pkl", CompressionLevel.SmallestSize).Open();
            entry.Write(new byte[1 << 20]);
        }

        AssertDamaged(stream.ToArray(), "compressed or encrypted");
    }

    [Fact]
    public void ZipWithALyingSizeIsRefused()
    {
        byte[] zip = Bytes(new CheckpointBuilder().Tensor("prior.x", Values, 4), zip: true);
        int directory = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(directory + 20), 0x7fffffff);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(directory + 24), 0x7fffffff);
        AssertDamaged(zip, "does not lie within the file");
    }

    [Fact]
    public void OverlappingZipEntriesAreRefused()
    {
        byte[] zip = Bytes(new CheckpointBuilder().Tensor("prior.a", Values, 4).Tensor("prior.b", Values, 4), zip: true);
        int first = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        int second = first + 4 + zip.AsSpan(first + 4).IndexOf("PK\u0001\u0002"u8);
        zip.AsSpan(first + 42, 4).CopyTo(zip.AsSpan(second + 42));
        AssertDamaged(zip, "");
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "overlaps another")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}""", "the file is truncated or damaged")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "lies at [8, 0)")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "its shape needs 12")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}""", "its shape needs")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999],"data_offsets":[0,8]}}""", "has an extent of")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "has an extent of -2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", "its header is not valid")]
    [InlineData("""{"a":{"dtype":"Q9","shape":[2],"data_offsets":[0,8]}}""", "has the unknown type 'Q9'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", "twice")]
    [InlineData("""{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}""", "its header is not valid")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", "its header is not valid")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "its header is not valid")]
    [InlineData("""{"__metadata__":{"a":1}}""", "its header is not valid")]
    [InlineData("""{"a":1}""", "its header is not valid")]
    public void UnsoundSafetensorsAreRefusedByBothReaders(string header, string expected)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] file = [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[16]];
        AssertDamaged(file, expected);
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.safetensors", file);
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => WeightFile.Open(path).Dispose());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    public void ShortSafetensorsAreRefused(int length)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.safetensors", new byte[length]);
        Assert.Throws<DamagedFileException>(() => WeightFile.Open(path).Dispose());
    }

    [Fact]
    public void EmptyTensorsAndScalarsAreRead()
    {
        byte[] json = """{"a":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"""u8.ToArray();
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.safetensors", [.. BitConverter.GetBytes((long)json.Length), .. json, .. BitConverter.GetBytes(2.5f)]);
        using WeightFile file = WeightFile.Open(path);
        Assert.Empty(file["a"].ReadSingles());
        Assert.Equal([2.5f], file["b"].ReadSingles());
    }

    [Theory]
    [InlineData("\"level\": 2", "\"level\": 9", "writes level 9 of 3")]
    [InlineData("\"width\": 2048", "\"width\": 2000000000", "width 2000000000 is not in 1 to")]
    [InlineData("\"depth\": 72", "\"depth\": -1", "depth -1 is not in 1 to")]
    [InlineData("\"priors\": [", "\"priors\": [ null,", "a list has an empty entry")]
    [InlineData("\"downs\": [", "\"downs\": [ 1,", "are not 3 numbers each")]
    [InlineData("\"attention_order\": 12", "\"attention_order\": 13", "attention order 13")]
    [InlineData("jukebox-native/1", "jukebox-native/9", "this version reads")]
    [InlineData("\"name\": \"1b_lyrics\"", "\"name\": null", "it is not valid")]
    [InlineData("\"files\": {}", "\"files\": null", "it is not valid")]
    [InlineData("\"sample_rate_hz\": 44100", "\"sample_rate_hz\": 1e99", "it is not valid")]
    [InlineData("\"sample_rate_hz\": 44100", "\"sample_rate_hz\": 1", "the sample rate is 1 Hz")]
    [InlineData("\"temperature\": 0.99", "\"temperature\": -1", "sampled by default at temperature -1")]
    [InlineData("\"hop_fraction\": 0.5", "\"hop_fraction\": 1e999", "hop Infinity")]
    [InlineData("\"lyrics\": \"SameSequence\"", "\"lyrics\": 77", "lyrics of kind 77")]
    public void SenselessDescriptionsAreRefused(string original, string replacement, string expected)
    {
        using var folder = new TemporaryFolder();
        PublishedModels.Describe("1b_lyrics").Write(folder.Path);
        string path = folder[ModelDescription.FileName];
        string text = Unsealed.Read(path);
        Assert.Contains(original, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(original, replacement, StringComparison.Ordinal));
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => ModelDescription.Read(folder.Path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(CheckpointBuilder builder, bool zip)
    {
        using var folder = new TemporaryFolder();
        string path = folder["checkpoint"];
        if (zip)
        {
            builder.WriteZip(path);
        }
        else
        {
            builder.WriteLegacy(path);
        }

        return File.ReadAllBytes(path);
    }

    private static void AssertDamaged(byte[] content, string expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("file.pth.tar", content);
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Checkpoint.Open(path).Dispose());
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
