using System.Diagnostics;
using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Driver;

namespace Jukebox.Cuda.Backend;

/// <summary>The two limits that figures measured on a device are compared with.</summary>
public static class CudaProbe
{
    private const int Repeats = 5;
    private const long MostCopiedBytes = 1L << 29;

    /// <summary>
    /// Bandwidth is measured, by copying within the device's memory: what is read and what is written count. The peak is
    /// that of the clock: multiply-adds on tensor cores with single-precision sums where the kernels use them.
    /// </summary>
    public static MachineLimits Measure(CudaBackend backend)
    {
        long lengthBytes = Math.Clamp(backend.OwnMemory.FreeBytes / 8, 1024, MostCopiedBytes) / sizeof(int) * sizeof(int);
        using DeviceBuffer source = backend.Allocate(lengthBytes), target = backend.Allocate(lengthBytes);
        source.Fill(0);
        var shape = new Shape(checked((int)(lengthBytes / sizeof(int))));
        Tensor x = new(source, ElementType.I32, shape), y = new(target, ElementType.I32, shape);
        double best = double.PositiveInfinity;
        for (int i = 0; i < Repeats; i++)
        {
            backend.Synchronize();
            long start = Stopwatch.GetTimestamp();
            backend.Copy(x, y);
            backend.Synchronize();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        CudaDevice device = backend.Device;
        return new MachineLimits(2 * lengthBytes / best, device.MultiprocessorCount * device.ClockHertz * OperationsPerClock(device.Capability));
    }

    /// <summary>
    /// Operations of a multiprocessor in a clock: half-precision products summed in single precision on tensor cores (NVIDIA's
    /// architecture papers), or, where the kernels use none, single-precision multiply-adds.
    /// </summary>
    internal static int OperationsPerClock(int capability) => capability switch
    {
        < 80 => 128, // Volta and Turing: 64 lanes, no tensor cores here
        80 or 87 => 2048, // A100, Orin
        < 90 => 512, // GeForce 30 and 40
        90 => 4096, // H100
        100 or 103 => 8192, // B200, B300
        _ => 512, // GeForce 50
    };
}
