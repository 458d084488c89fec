using Jukebox.Core.Errors;

namespace Jukebox.Audio.Reading;

/// <summary>Decodes one FLAC frame after the other: predictions, Rice-coded residuals, stereo as differences.</summary>
internal sealed class FlacFrameDecoder
{
    private const int LeftSide = 8;
    private const int SideRight = 9;
    private const int MiddleSide = 10;

    // Predictors of order 0 to 4 that the format fixes.
    private static readonly long[][] FixedPredictors = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

    private readonly FlacBitReader _bits;
    private readonly FlacStreamInfo _stream;
    private readonly long[][] _samples;

    /// <summary>Prepares for a stream.</summary>
    public FlacFrameDecoder(FlacBitReader bits, FlacStreamInfo stream)
    {
        (_bits, _stream) = (bits, stream);
        _samples = new long[stream.Channels][];
        Array.Fill(_samples, []);
    }

    /// <summary>Samples per channel of the frame decoded last.</summary>
    public int BlockLength { get; private set; }

    /// <summary>A channel of it.</summary>
    public ReadOnlySpan<long> Samples(int channel) => _samples[channel].AsSpan(0, BlockLength);

    /// <summary>Decodes the next frame; false, and a length of 0, at the end.</summary>
    /// <exception cref="DamagedFileException">It is not sound.</exception>
    public bool Next()
    {
        BlockLength = 0;
        if (_bits.AtEnd)
        {
            return false;
        }

        _bits.Checksum = 0;
        (int length, int assignment) = ReadHeader();
        for (int channel = 0; channel < _samples.Length; channel++)
        {
            if (_samples[channel].Length < length)
            {
                _samples[channel] = new long[length];
            }

            bool isSide = assignment == SideRight ? channel == 0 : assignment >= LeftSide && channel == 1;
            ReadSubframe(_samples[channel].AsSpan(0, length), _stream.SampleBits + (isSide ? 1 : 0));
        }

        _bits.Align();
        ushort computed = _bits.Checksum;
        if (_bits.Read(16) != computed)
        {
            throw _bits.Damaged("a frame's checksum is wrong");
        }

        BlockLength = length;
        Decorrelate(assignment);
        return true;
    }

    private (int Length, int Assignment) ReadHeader()
    {
        if (FlacFrameHeader.Read(_bits.ReadByte, out FlacFrameHeader header) is { } problem)
        {
            throw _bits.Damaged(problem);
        }

        return header.Fits(_stream)
            ? (header.Length, header.Assignment)
            : throw _bits.Damaged(
                $"a frame is of another format than the stream, which has {_stream.Channels} channels of {_stream.SampleBits} bits at {_stream.SampleRateHz} Hz");
    }

    private void ReadSubframe(Span<long> samples, int bits)
    {
        _bits.Read(1);
        int type = (int)_bits.Read(6);
        long wasted = _bits.Read(1) == 0 ? 0 : _bits.ReadUnary() + 1;
        if (wasted >= bits)
        {
            throw _bits.Damaged("a frame has no bits left");
        }

        bits -= (int)wasted;
        switch (type)
        {
            case 0:
                samples.Fill(_bits.ReadSigned(bits));
                break;
            case 1:
                ReadPlain(samples, bits);
                break;
            case >= 8 and <= 12:
                ReadPredicted(samples, bits, FixedPredictors[type - 8]);
                break;
            case >= 32:
                ReadPredicted(samples, bits, null, type - 31);
                break;
            default:
                throw _bits.Damaged($"a frame is coded in an unknown way ({type})");
        }

        for (int i = 0; wasted > 0 && i < samples.Length; i++)
        {
            samples[i] <<= (int)wasted;
        }
    }

    private void ReadPlain(Span<long> samples, int bits)
    {
        foreach (ref long sample in samples)
        {
            sample = _bits.ReadSigned(bits);
        }
    }

    /// <summary>First samples as they are, then for each a prediction from those before it and a residual.</summary>
    private void ReadPredicted(Span<long> samples, int bits, long[]? predictor, int order = 0)
    {
        order = predictor?.Length ?? order;
        if (order > samples.Length)
        {
            throw _bits.Damaged("a frame is shorter than its predictor");
        }

        ReadPlain(samples[..order], bits);
        int shift = 0;
        if (predictor is null)
        {
            (predictor, shift) = ReadPredictor(order);
        }

        ReadResiduals(samples, order);
        for (int i = order; i < samples.Length; i++)
        {
            long prediction = 0;
            for (int j = 0; j < predictor.Length; j++)
            {
                prediction += predictor[j] * samples[i - 1 - j];
            }

            samples[i] += prediction >> shift;
        }
    }

    private (long[] Predictor, int Shift) ReadPredictor(int order)
    {
        int precision = (int)_bits.Read(4) + 1;
        int shift = (int)_bits.ReadSigned(5);
        if (precision == 16 || shift < 0)
        {
            throw _bits.Damaged("a frame's predictor is not valid");
        }

        var predictor = new long[order];
        ReadPlain(predictor, precision);
        return (predictor, shift);
    }

    private void ReadResiduals(Span<long> samples, int order)
    {
        int parameterBits = _bits.Read(2) switch { 0 => 4, 1 => 5, _ => throw _bits.Damaged("a frame's residual is coded in an unknown way") };
        int partitionOrder = (int)_bits.Read(4);
        int partitionLength = samples.Length >> partitionOrder;
        if (partitionLength << partitionOrder != samples.Length || partitionLength < order)
        {
            throw _bits.Damaged("a frame does not divide into its partitions");
        }

        for (int start = 0; start < samples.Length; start += partitionLength)
        {
            ReadPartition(samples[Math.Max(start, order)..(start + partitionLength)], parameterBits);
        }
    }

    private void ReadPartition(Span<long> residuals, int parameterBits)
    {
        int parameter = (int)_bits.Read(parameterBits);
        if (parameter == (1 << parameterBits) - 1)
        {
            ReadPlain(residuals, (int)_bits.Read(5));
            return;
        }

        foreach (ref long residual in residuals)
        {
            long folded = (_bits.ReadUnary() << parameter) | _bits.Read(parameter);
            residual = (folded >> 1) ^ -(folded & 1);
        }
    }

    private void Decorrelate(int assignment)
    {
        if (assignment < LeftSide)
        {
            return;
        }

        long[] first = _samples[0], second = _samples[1];
        for (int i = 0; i < BlockLength; i++)
        {
            long side = assignment == SideRight ? first[i] : second[i];
            switch (assignment)
            {
                case LeftSide:
                    second[i] = first[i] - side;
                    break;
                case SideRight:
                    first[i] = second[i] + side;
                    break;
                default:
                    long twice = (first[i] << 1) | (side & 1);
                    (first[i], second[i]) = ((twice + side) >> 1, (twice - side) >> 1);
                    break;
            }
        }
    }
}
