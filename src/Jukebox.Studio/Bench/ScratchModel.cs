using Jukebox.Core.Tensors;
using Jukebox.Core.Text;
using Jukebox.Models.Format;
using Jukebox.Studio.Devices;

namespace Jukebox.Studio.Bench;

/// <summary>A model folder of random weights that is deleted when it is disposed.</summary>
internal sealed class ScratchModel : IDisposable
{
    private readonly DirectoryInfo _folder;

    public ScratchModel(ModelDescription description, string parent, ElementType storage, MachineResources limits, Action<string> progress)
    {
        _folder = Directory.CreateDirectory(System.IO.Path.Combine(parent, $"jukebox-bench-{Environment.ProcessId}"));
        try
        {
            progress($"writing {Readable.Bytes(BenchModel.LengthBytes(description, storage))} of random weights");
            BenchModel.Write(description, _folder.FullName, storage, limits);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Path => _folder.FullName;

    public void Dispose()
    {
        if (Directory.Exists(_folder.FullName))
        {
            _folder.Delete(recursive: true);
        }
    }
}
