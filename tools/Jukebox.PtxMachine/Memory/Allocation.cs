namespace Jukebox.PtxMachine;

/// <summary>One live allocation: device addresses [<paramref name="Start"/>, <paramref name="Start"/> + <paramref name="LengthBytes"/>).</summary>
internal sealed record Allocation(ulong Start, long LengthBytes, bool IsReadOnly, string? Name)
{
    public ulong End => Start + (ulong)LengthBytes;

    public bool Contains(ulong address, long lengthBytes) => address >= Start && address <= End && (ulong)lengthBytes <= End - address;
}
