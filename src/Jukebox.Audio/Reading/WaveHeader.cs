using System.Buffers.Binary;
using Jukebox.Core.Errors;

namespace Jukebox.Audio.Reading;

/// <summary>What a WAV file says of itself before its samples.</summary>
/// <param name="SampleRateHz">Frames per second.</param>
/// <param name="Channels">Samples per frame.</param>
/// <param name="SampleType">How samples are stored.</param>
/// <param name="DataStart">Byte where the first frame lies.</param>
/// <param name="DataBytes">Bytes of whole frames, or −1 for "to the end".</param>
/// <param name="Complaint">What follows the samples and should not, as a clause; none where nothing does.</param>
internal sealed record WaveHeader(int SampleRateHz, int Channels, WaveSampleType SampleType, long DataStart, long DataBytes, string? Complaint)
{
    private const int FormatPcm = 1;
    private const int FormatFloat = 3;
    private const int FormatExtensible = 0xFFFE;
    private const int LowestRateHz = 1;
    private const int HighestRateHz = 10_000_000;
    private const int MostChannels = 256;
    private const long LongestDataBytes = 1L << 44;
    private const long MostFilling = 4096;
    private const string Remedy = "install ffmpeg, which reads more kinds, or get it again as PCM";

    /// <summary>Bytes of a frame.</summary>
    public int FrameBytes => Channels * SampleBytes(SampleType);

    /// <summary>Reads everything up to the first sample. Memory taken does not depend on what the file claims.</summary>
    public static WaveHeader Read(string path, Stream stream)
    {
        var parser = new Parser(path, stream);
        return parser.Parse();
    }

    private static int SampleBytes(WaveSampleType type) => type switch
    {
        WaveSampleType.Pcm8 => 1,
        WaveSampleType.Pcm16 => 2,
        WaveSampleType.Pcm24 => 3,
        WaveSampleType.Float64 => 8,
        _ => 4,
    };

    /// <summary>Walks the chunks, forward only.</summary>
    private sealed class Parser(string path, Stream stream)
    {
        private long _position;
        private long _longDataBytes = -1;
        private (int Rate, int Channels, WaveSampleType Type)? _format;

        public WaveHeader Parse()
        {
            Span<byte> start = stackalloc byte[12];
            Fill(start);
            bool rf64 = start.StartsWith("RF64"u8);
            if (!(rf64 || start.StartsWith("RIFF"u8)) || !start[8..].SequenceEqual("WAVE"u8))
            {
                throw Damaged(0, "it is not a WAV file");
            }

            Span<byte> chunk = stackalloc byte[8];
            while (true)
            {
                Fill(chunk);
                uint lengthBytes = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
                if (chunk.StartsWith("data"u8))
                {
                    return AtData(lengthBytes, rf64);
                }

                if (chunk.StartsWith("fmt "u8))
                {
                    ReadFormat(lengthBytes);
                }
                else if (rf64 && chunk.StartsWith("ds64"u8) && lengthBytes >= 24)
                {
                    ReadLongSizes(lengthBytes);
                }
                else
                {
                    Skip(lengthBytes + (long)(lengthBytes & 1));
                }
            }
        }

        private WaveHeader AtData(uint lengthBytes, bool rf64)
        {
            (int rate, int channels, WaveSampleType type) = _format ?? throw Damaged(_position - 8, "its samples come before its format");
            long dataBytes = rf64 && lengthBytes == uint.MaxValue ? _longDataBytes : lengthBytes;

            // Programs that write to a pipe cannot go back to fill the length in.
            if (dataBytes is 0 or uint.MaxValue or < 0 or > LongestDataBytes)
            {
                dataBytes = -1;
            }

            int frameBytes = channels * SampleBytes(type);
            string? complaint = null;
            if (stream.CanSeek)
            {
                // A file that was cut off plays as far as it goes.
                long there = stream.Length - _position;
                dataBytes = dataBytes < 0 ? there : Math.Min(dataBytes, there);
                complaint = WhatFollows(_position + dataBytes);
            }

            return new WaveHeader(rate, channels, type, _position, dataBytes < 0 ? -1 : dataBytes / frameBytes * frameBytes, complaint);
        }

        /// <summary>
        /// Looks through the chunks behind the samples: more samples, or what is no chunk and too long for filling, would be lost without a word.
        /// The stream is put back.
        /// </summary>
        private string? WhatFollows(long end)
        {
            long start = _position;
            try
            {
                Span<byte> chunk = stackalloc byte[8];
                for (long at = end + (end - start & 1); stream.Length - at >= chunk.Length;)
                {
                    stream.Position = at;
                    stream.ReadExactly(chunk);
                    long lengthBytes = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
                    if (chunk.StartsWith("data"u8))
                    {
                        return $"it has samples in a second place, byte {at}, which are not read";
                    }

                    if (chunk[..4].ContainsAnyExceptInRange((byte)' ', (byte)'~'))
                    {
                        return stream.Length - at <= MostFilling ? null
                            : $"{stream.Length - at} bytes behind its samples are not read: its header may say less than there is";
                    }

                    at += chunk.Length + lengthBytes + (lengthBytes & 1);
                }

                return null;
            }
            finally
            {
                stream.Position = start;
            }
        }

        private void ReadFormat(uint lengthBytes)
        {
            long at = _position;
            if (lengthBytes < 16)
            {
                throw Damaged(at, $"its format chunk has {lengthBytes} bytes, too few");
            }

            Span<byte> format = stackalloc byte[40];
            Span<byte> present = format[..(int)Math.Min(lengthBytes, 40)];
            Fill(present);
            Skip(lengthBytes - present.Length + (long)(lengthBytes & 1));

            int tag = BinaryPrimitives.ReadUInt16LittleEndian(present);
            int channels = BinaryPrimitives.ReadUInt16LittleEndian(present[2..]);
            uint rate = BinaryPrimitives.ReadUInt32LittleEndian(present[4..]);
            int frameBytes = BinaryPrimitives.ReadUInt16LittleEndian(present[12..]);
            int bits = BinaryPrimitives.ReadUInt16LittleEndian(present[14..]);
            if (tag == FormatExtensible && present.Length == 40)
            {
                // The sub-format's first two bytes are the plain tag.
                tag = BinaryPrimitives.ReadUInt16LittleEndian(present[24..]);
            }

            if (channels is 0 or > MostChannels || rate is < LowestRateHz or > HighestRateHz)
            {
                throw Damaged(at, $"its format has {channels} channels at {rate} Hz");
            }

            WaveSampleType type = TypeOf(tag, ContainerBytes(frameBytes, channels, bits), bits)
                ?? throw Damaged(at, $"its samples (format {tag}, {bits} bits, {frameBytes} bytes for {channels} channels) are of a kind that is not read here");
            _format = ((int)rate, channels, type);
        }

        /// <summary>
        /// Bytes of a sample. Some programs write a block of 0, or that of one channel; then the bits decide, which are of whole bytes there.
        /// </summary>
        private static int ContainerBytes(int frameBytes, int channels, int bits) => (frameBytes * 8) switch
        {
            int blockBits when blockBits == 0 || (channels > 1 && blockBits == bits) => bits % 8 == 0 ? bits / 8 : 0,
            _ => frameBytes % channels == 0 ? frameBytes / channels : 0,
        };

        /// <summary>Containers wider than their bits hold them at the top, so the container decides.</summary>
        private static WaveSampleType? TypeOf(int tag, int containerBytes, int bits) => (tag, containerBytes) switch
        {
            (FormatPcm, 1) when bits is > 0 and <= 8 => WaveSampleType.Pcm8,
            (FormatPcm, 2) when bits is > 8 and <= 16 => WaveSampleType.Pcm16,
            (FormatPcm, 3) when bits is > 16 and <= 24 => WaveSampleType.Pcm24,
            (FormatPcm, 4) when bits is > 16 and <= 32 => WaveSampleType.Pcm32,
            (FormatFloat, 4) when bits == 32 => WaveSampleType.Float32,
            (FormatFloat, 8) when bits == 64 => WaveSampleType.Float64,
            _ => null,
        };

        private void ReadLongSizes(uint lengthBytes)
        {
            Span<byte> sizes = stackalloc byte[24];
            Fill(sizes);
            _longDataBytes = BinaryPrimitives.ReadInt64LittleEndian(sizes[8..]);
            Skip(lengthBytes - sizes.Length + (long)(lengthBytes & 1));
        }

        private void Fill(Span<byte> bytes)
        {
            int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (read < bytes.Length)
            {
                throw Damaged(_position + read, "the file ends before its samples begin");
            }

            _position += read;
        }

        private void Skip(long lengthBytes)
        {
            Span<byte> skipped = stackalloc byte[1024];
            if (stream.CanSeek && lengthBytes > stream.Length - _position)
            {
                throw Damaged(_position, $"a chunk claims {lengthBytes} bytes but {stream.Length - _position} are left");
            }

            if (stream.CanSeek)
            {
                stream.Position += lengthBytes;
                _position += lengthBytes;
                return;
            }

            while (lengthBytes > 0)
            {
                Span<byte> part = skipped[..(int)Math.Min(lengthBytes, skipped.Length)];
                Fill(part);
                lengthBytes -= part.Length;
            }
        }

        private DamagedFileException Damaged(long offsetBytes, string problem) => new(path, offsetBytes, problem, Remedy);
    }
}
