using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Jukebox.PtxMachine.Driver;

/// <summary>Names and sentences of result codes, as C strings that live as long as the process.</summary>
internal static class ResultText
{
    private static readonly Dictionary<CuResult, (string Name, string Text)> Texts = new()
    {
        [CuResult.Success] = ("CUDA_SUCCESS", "no error"),
        [CuResult.InvalidValue] = ("CUDA_ERROR_INVALID_VALUE", "invalid argument"),
        [CuResult.OutOfMemory] = ("CUDA_ERROR_OUT_OF_MEMORY", "out of memory"),
        [CuResult.NotInitialized] = ("CUDA_ERROR_NOT_INITIALIZED", "initialization error"),
        [CuResult.DeviceUnavailable] = ("CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable"),
        [CuResult.NoDevice] = ("CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"),
        [CuResult.InvalidDevice] = ("CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"),
        [CuResult.InvalidImage] = ("CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"),
        [CuResult.InvalidContext] = ("CUDA_ERROR_INVALID_CONTEXT", "invalid device context"),
        [CuResult.NoBinaryForGpu] = ("CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"),
        [CuResult.InvalidPtx] = ("CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"),
        [CuResult.UnsupportedPtxVersion] = ("CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."),
        [CuResult.InvalidHandle] = ("CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"),
        [CuResult.IllegalState] = ("CUDA_ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"),
        [CuResult.NotFound] = ("CUDA_ERROR_NOT_FOUND", "named symbol not found"),
        [CuResult.NotReady] = ("CUDA_ERROR_NOT_READY", "device not ready"),
        [CuResult.IllegalAddress] = ("CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"),
        [CuResult.LaunchOutOfResources] = ("CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"),
        [CuResult.LaunchTimeout] = ("CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"),
        [CuResult.MisalignedAddress] = ("CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"),
        [CuResult.LaunchFailed] = ("CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"),
        [CuResult.NotSupported] = ("CUDA_ERROR_NOT_SUPPORTED", "operation not supported"),
        [CuResult.StreamCaptureUnsupported] = ("CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"),
        [CuResult.StreamCaptureInvalidated] = ("CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"),
        [CuResult.StreamCaptureUnmatched] = ("CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not ended in the same stream as it began"),
        [CuResult.StreamCaptureUnjoined] = ("CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"),
        [CuResult.Unknown] = ("CUDA_ERROR_UNKNOWN", "unknown error"),
    };

    private static readonly ConcurrentDictionary<string, nint> Pointers = new();

    /// <summary>"CUDA_ERROR_OUT_OF_MEMORY".</summary>
    public static string NameOf(CuResult result) => Texts.TryGetValue(result, out var texts) ? texts.Name : $"CUresult {(int)result}";

    /// <summary>The name as a C string; 0 for a code that is none.</summary>
    public static nint NamePointer(CuResult result) => Texts.TryGetValue(result, out var texts) ? Pointer(texts.Name) : 0;

    /// <summary>The sentence as a C string; 0 for a code that is none.</summary>
    public static nint TextPointer(CuResult result) => Texts.TryGetValue(result, out var texts) ? Pointer(texts.Text) : 0;

    private static nint Pointer(string text) => Pointers.GetOrAdd(text, Marshal.StringToCoTaskMemUTF8);
}
