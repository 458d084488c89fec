using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Conversion;

public sealed class GoldenConversionTests
{
    public static TheoryData<string> Cases()
    {
        var cases = new TheoryData<string>();
        foreach (string prefix in (string[])["pipeline_", "prior_", "vqvae_"])
        {
            foreach (string caseName in GoldenDirectory.Cases(prefix))
            {
                cases.Add(caseName);
            }
        }

        return cases;
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void EveryGoldenCheckpointConvertsToACompleteFolder(string caseName)
    {
        string folder = GoldenModels.Folder(caseName);
        ModelDescription description = ModelDescription.Read(folder);
        foreach (PriorSpec prior in description.Priors)
        {
            AssertHolds(Path.Combine(folder, ModelDescription.PriorFileName(prior.Level)), TensorTable.Of(prior, description.VqVae));
        }

        if (!caseName.StartsWith("prior_", StringComparison.Ordinal))
        {
            AssertHolds(Path.Combine(folder, ModelDescription.VqVaeFileName), TensorTable.Of(description.VqVae));
        }
    }

    private static void AssertHolds(string path, IReadOnlyList<TensorEntry> table)
    {
        using WeightFile file = WeightFile.Open(path);
        Assert.Equal(table.Select(entry => (entry.Name, Shape: entry.StoredShape.ToString())).Order(), file.Tensors.Values.Select(tensor => (tensor.Name, tensor.Shape.ToString())).Order());
    }
}
