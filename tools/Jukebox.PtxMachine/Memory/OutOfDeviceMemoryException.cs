namespace Jukebox.PtxMachine;

/// <summary>An allocation that the device's memory cannot hold.</summary>
public sealed class OutOfDeviceMemoryException(long lengthBytes, long freeBytes, long capacityBytes)
    : Exception($"{lengthBytes} bytes asked of device memory that has {freeBytes} of {capacityBytes} free");
