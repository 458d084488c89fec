namespace Jukebox.PtxMachine.Checking;

/// <summary>What the check mode knows about the memory of one device, kept from launch to launch.</summary>
internal sealed class Shadows : IDisposable
{
    public Shadows(DeviceMemory memory)
    {
        Shared = new SharedShadow(Order);
        Global = new GlobalShadow(memory.BaseAddress, memory.ArenaBytes);
        Interval = new IntervalShadow(memory.BaseAddress, memory.ArenaBytes);
    }

    public WarpOrder Order { get; } = new();

    public SharedShadow Shared { get; }

    public GlobalShadow Global { get; }

    public IntervalShadow Interval { get; }

    public void Dispose()
    {
        Global.Dispose();
        Interval.Dispose();
    }
}
