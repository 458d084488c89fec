using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Simd;
using Jukebox.Cpu.Spectra;

namespace Jukebox.Cpu.Backend;

/// <summary>How far apart signals are, and how large.</summary>
public sealed unsafe partial class CpuBackend
{
    private readonly List<SpectralPlan> _spectralPlans = [];
    private SpectralTable _spectra;

    /// <inheritdoc/>
    public void SpectralDistance(Tensor x, Tensor y, in SpectralResolution resolution, Tensor norms, float scale, Tensor? dy)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.SpectralDistance(x, y, resolution, norms, dy);
        int items = x.Shape[0];
        SpectralPlan plan = PlanOf(resolution);
        var job = new SpectralJob
        {
            X = Floats(x),
            Y = Floats(y),
            Length = x.Shape[1],
            FrameCount = resolution.FrameCount(x.Shape[1]),
            ItemCount = items,
            Resolution = resolution,
            Window = plan.Window,
            Twiddles = plan.Twiddles,
            Places = plan.Places,
            Gradient = dy is { } gradient ? Floats(gradient) : null,
        };
        ReserveSpectra(ref job);
        _team.Run(_spectra.Pad, &job, 2 * items);
        _team.Run(_spectra.Transform, &job, Divide(items * job.PairCount, _spectra.PairsPerPart()));
        for (int n = 0; n < items; n++)
        {
            double distance = 0, energy = 0;
            for (double* sums = job.Sums + (2L * n * job.FrameCount), end = sums + (2 * job.FrameCount); sums < end; sums += 2)
            {
                distance += sums[0];
                energy += sums[1];
            }

            (Floats(norms)[2 * n], Floats(norms)[(2 * n) + 1]) = ((float)Math.Sqrt(distance), (float)Math.Sqrt(energy));
            job.Factors[n] = distance > 0 ? (float)(scale / Math.Sqrt(distance)) : 0;
        }

        if (job.Gradient != null)
        {
            _team.Run(_spectra.OverlapAdd, &job, items);
        }
    }

    /// <inheritdoc/>
    public void SampleDistance(Tensor x, Tensor y, int largestCount, in SampleDistanceScales scales, Tensor losses, Tensor? dy)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.SampleDistance(x, y, largestCount, losses, dy);
        int items = x.Shape[0], length = x.Shape[1];
        double samples = (double)items * length, chosen = (double)items * largestCount;
        long sumFloats = 2L * 3 * items;
        float* room = (float*)_scratch.Reserve((sumFloats + ((long)SampleDistanceJob.StrideOf(length) * _team.Count)) * sizeof(float));
        var job = new SampleDistanceJob
        {
            X = Floats(x),
            Y = Floats(y),
            Gradient = dy is { } gradient ? Floats(gradient) : null,
            Length = length,
            LargestCount = largestCount,
            Factors = new SampleDistanceScales(
                (float)(scales.Absolute / samples), (float)(2 * scales.Square / samples), (float)(2 * scales.Largest / chosen)),
            Sums = (double*)room,
            Squares = (int*)(room + sumFloats),
            SquaresStride = SampleDistanceJob.StrideOf(length),
        };
        _team.Run(&SampleDistanceJob.Run, &job, items);
        double absolute = 0, square = 0, largest = 0;
        for (int n = 0; n < items; n++)
        {
            absolute += job.Sums[3 * n];
            square += job.Sums[(3 * n) + 1];
            largest += job.Sums[(3 * n) + 2];
        }

        float* target = Floats(losses);
        (target[0], target[1], target[2]) = ((float)(absolute / samples), (float)(square / samples), (float)(largest / chosen));
    }

    /// <inheritdoc/>
    public double SumOfSquares(Tensor x)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int parts = checked((int)((x.LengthElements + SumOfSquaresJob.ElementsPerPart - 1) / SumOfSquaresJob.ElementsPerPart));
        var job = new SumOfSquaresJob { Input = Floats(x), Count = x.LengthElements, Sums = (double*)_scratch.Reserve((long)parts * sizeof(double)) };
        _team.Run(&SumOfSquaresJob.Run, &job, parts);
        double sum = 0;
        for (int part = 0; part < parts; part++)
        {
            sum += job.Sums[part];
        }

        return sum;
    }

    private void BindSpectra<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        _spectra.Pad = &SpectralKernels<TSimd, TVector>.Pad;
        _spectra.Transform = &SpectralKernels<TSimd, TVector>.Transform;
        _spectra.OverlapAdd = &SpectralKernels<TSimd, TVector>.OverlapAdd;
        _spectra.PairsPerPart = &SpectralKernels<TSimd, TVector>.PairsPerPart;
        _spectra.ScratchFloats = &SpectralKernels<TSimd, TVector>.ScratchFloats;
    }

    private SpectralPlan PlanOf(SpectralResolution resolution)
    {
        foreach (SpectralPlan known in _spectralPlans)
        {
            if (known.Resolution == resolution)
            {
                return known;
            }
        }

        var plan = new SpectralPlan(resolution);
        _spectralPlans.Add(plan);
        return plan;
    }

    private void ReserveSpectra(ref SpectralJob job)
    {
        long items = job.ItemCount, padded = 2 * items * job.PaddedLength, sums = 2 * 2 * items * job.FrameCount;
        long frames = job.Gradient == null ? 0 : items * job.FrameCount * job.Resolution.WindowLength;
        job.ScratchPerWorker = _spectra.ScratchFloats(job.Resolution.TransformLength);
        job.Scratch = (float*)_scratch.Reserve(((job.ScratchPerWorker * _team.Count) + sums + items + padded + frames) * sizeof(float));
        job.Sums = (double*)(job.Scratch + (job.ScratchPerWorker * _team.Count));
        job.Factors = (float*)job.Sums + sums;
        job.Padded = job.Factors + items;
        job.Frames = frames == 0 ? null : job.Padded + padded;
    }

    /// <summary>The kernels of spectra.</summary>
    private struct SpectralTable
    {
        public Kernel Pad, Transform, OverlapAdd;

        /// <summary>Pairs of frames that a part transforms.</summary>
        public delegate*<int> PairsPerPart;

        /// <summary>Floats of scratch that a worker needs: length of the transform.</summary>
        public delegate*<int, long> ScratchFloats;
    }
}
