using System.Diagnostics;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;

namespace Jukebox.Models.Priors;

/// <summary>What was read of the blocks of a stack.</summary>
/// <param name="Ranges">What was asked of the file, in the order in which it was.</param>
/// <param name="Seconds">How long reading and looking at it took, most of it while something else was computed.</param>
/// <param name="WaitedSeconds">How much of that was waited for.</param>
public sealed record BlockReading(IReadOnlyList<ByteRange> Ranges, double Seconds, double WaitedSeconds)
{
    /// <summary>Bytes that were asked for.</summary>
    public long Bytes => Ranges.Sum(range => range.LengthBytes);
}

/// <summary>
/// Reads the blocks of a stack one after the other, each while the one before it is computed with, and lets go of those that are done:
/// the memory of two is in use at a time. Every number of a block is looked at before it is handed out.
/// </summary>
internal sealed class BlockReader : IDisposable
{
    private readonly WeightFile _file;
    private readonly Func<int, IReadOnlyList<TensorEntry>> _tensorsOf;
    private readonly int _count;
    private readonly HashSet<int> _sound;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<ByteRange> _asked = [];
    private Task _reading = Task.CompletedTask;
    private int _ahead = -1; // the block that is being read
    private double _seconds, _waitedSeconds;

    /// <summary>Has the first block read.</summary>
    /// <param name="file">The weights.</param>
    /// <param name="tensorsOf">What the table lists of a block.</param>
    /// <param name="count">Blocks that are wanted, from the first on; nothing behind them is read.</param>
    /// <param name="sound">Blocks whose numbers were looked at before; those of this pass are added.</param>
    public BlockReader(WeightFile file, Func<int, IReadOnlyList<TensorEntry>> tensorsOf, int count, HashSet<int> sound)
    {
        (_file, _tensorsOf, _count, _sound) = (file, tensorsOf, count, sound);
        Begin(0);
    }

    /// <summary>So far, blocks that are still being read included.</summary>
    public BlockReading Reading => new([.. _asked], _seconds, _waitedSeconds);

    /// <summary>Waits until a block is in memory, and has the next one read.</summary>
    /// <exception cref="DamagedFileException">A number of it is none.</exception>
    public void Take(int block)
    {
        long start = Stopwatch.GetTimestamp();
        Begin(block);
        _reading.GetAwaiter().GetResult();
        _waitedSeconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        _sound.Add(block);
        Begin(block + 1);
    }

    /// <summary>Gives back the memory of a block that nobody computes with any more.</summary>
    public void LetGo(int block) => _file.LetGo(RangesOf(block));

    /// <summary>Waits until nothing is read any more.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        Task.WhenAny(_reading).Wait(); // what it found wrong with a block that nobody came to does not matter
        _ending.Dispose();
    }

    private void Begin(int block)
    {
        if (_ahead == block || block >= _count)
        {
            return;
        }

        _ahead = block;
        IReadOnlyList<ByteRange> ranges = RangesOf(block);
        _asked.AddRange(ranges);
        bool look = !_sound.Contains(block);
        _reading = Task.Factory.StartNew(() => Read(block, ranges, look), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Read(int block, IReadOnlyList<ByteRange> ranges, bool look)
    {
        long start = Stopwatch.GetTimestamp();
        _file.ReadAhead(ranges, _ending.Token);
        if (look && !_ending.IsCancellationRequested)
        {
            WeightCheck.RequireFinite(_file, _tensorsOf(block));
        }

        _seconds += Stopwatch.GetElapsedTime(start).TotalSeconds; // one block is read at a time
    }

    private IReadOnlyList<ByteRange> RangesOf(int block) => ByteRange.Of(_tensorsOf(block).Select(entry => _file[entry.Name]));
}
