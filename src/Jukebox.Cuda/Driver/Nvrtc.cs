using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Jukebox.Cuda.Driver;

/// <summary>What the compiler made of one source: PTX (text, zero byte at the end) or machine code, and all it said.</summary>
public sealed record CompiledSource(byte[] Image, string Log);

/// <summary>A header handed to the compiler: the name that <c>#include</c> uses, and its text.</summary>
public readonly record struct SourceHeader(string Name, string Text);

/// <summary>NVIDIA's run-time compiler. Needs neither a device nor a driver.</summary>
public sealed unsafe class Nvrtc
{
    private readonly delegate* unmanaged<int, byte*> _getErrorString;
    private readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> _createProgram;
    private readonly delegate* unmanaged<nint*, int> _destroyProgram;
    private readonly delegate* unmanaged<nint, int, byte**, int> _compileProgram;
    private readonly delegate* unmanaged<nint, nuint*, int> _getProgramLogSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getProgramLog;
    private readonly delegate* unmanaged<nint, nuint*, int> _getPtxSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getPtx;
    private readonly delegate* unmanaged<nint, nuint*, int> _getCubinSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getCubin;

    /// <summary>Binds the compiler in a loaded library.</summary>
    /// <exception cref="CudaException">The library is no NVRTC, or older than 11.2.</exception>
    internal Nvrtc(nint library, string origin)
    {
        Origin = origin;
        _getErrorString = (delegate* unmanaged<int, byte*>)Find("nvrtcGetErrorString");
        _createProgram = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)Find("nvrtcCreateProgram");
        _destroyProgram = (delegate* unmanaged<nint*, int>)Find("nvrtcDestroyProgram");
        _compileProgram = (delegate* unmanaged<nint, int, byte**, int>)Find("nvrtcCompileProgram");
        _getProgramLogSize = (delegate* unmanaged<nint, nuint*, int>)Find("nvrtcGetProgramLogSize");
        _getProgramLog = (delegate* unmanaged<nint, byte*, int>)Find("nvrtcGetProgramLog");
        _getPtxSize = (delegate* unmanaged<nint, nuint*, int>)Find("nvrtcGetPTXSize");
        _getPtx = (delegate* unmanaged<nint, byte*, int>)Find("nvrtcGetPTX");
        _getCubinSize = (delegate* unmanaged<nint, nuint*, int>)Find("nvrtcGetCUBINSize");
        _getCubin = (delegate* unmanaged<nint, byte*, int>)Find("nvrtcGetCUBIN");
        int major, minor;
        Check(((delegate* unmanaged<int*, int*, int>)Find("nvrtcVersion"))(&major, &minor));
        Version = $"{major}.{minor}";
        Architectures = ReadArchitectures((delegate* unmanaged<int*, int>)Find("nvrtcGetNumSupportedArchs"), (delegate* unmanaged<int*, int>)Find("nvrtcGetSupportedArchs"));

        nint Find(string name) => NativeLibrary.TryGetExport(library, name, out nint address)
            ? address
            : throw new CudaException($"{origin} has no {name}: it is no NVRTC, or one older than 11.2");
    }

    /// <summary>The library's path or name.</summary>
    public string Origin { get; }

    /// <summary>"12.9".</summary>
    public string Version { get; }

    /// <summary>Compute capabilities that it knows, times ten: 70, 75, 80, ….</summary>
    public IReadOnlyList<int> Architectures { get; }

    /// <summary>Compiles one source for a target: machine code for <c>sm_80</c>, PTX for <c>compute_80</c>.</summary>
    /// <exception cref="CudaException">The source has errors: the file, the options and the whole log are in the message.</exception>
    public CompiledSource Compile(string fileName, string source, IReadOnlyList<SourceHeader> headers, string target, IReadOnlyList<string> options)
    {
        string[] arguments = ["--gpu-architecture=" + target, .. options];
        using var texts = new Utf8Array([source, fileName]);
        using var headerTexts = new Utf8Array([.. headers.Select(header => header.Text)]);
        using var headerNames = new Utf8Array([.. headers.Select(header => header.Name)]);
        using var argumentTexts = new Utf8Array(arguments);
        nint program;
        Check(_createProgram(&program, texts.Pointers[0], texts.Pointers[1], headers.Count, headerTexts.Pointers, headerNames.Pointers));
        try
        {
            int result = _compileProgram(program, arguments.Length, argumentTexts.Pointers);
            string log = Encoding.UTF8.GetString(Read(program, _getProgramLogSize, _getProgramLog)).TrimEnd('\0', '\n');
            if (result != 0)
            {
                throw new CudaException(
                    $"the kernel {fileName} does not compile ({ErrorText(result)}) with {string.Join(' ', arguments)}:\n{log}",
                    "nvrtcCompileProgram",
                    compilerLog: log);
            }

            bool machineCode = target.StartsWith("sm_", StringComparison.Ordinal);
            return new CompiledSource(machineCode ? Read(program, _getCubinSize, _getCubin) : Read(program, _getPtxSize, _getPtx), log);
        }
        finally
        {
            _ = _destroyProgram(&program);
        }
    }

    private byte[] Read(nint program, delegate* unmanaged<nint, nuint*, int> getSize, delegate* unmanaged<nint, byte*, int> get)
    {
        nuint lengthBytes;
        Check(getSize(program, &lengthBytes));
        var bytes = new byte[lengthBytes];
        fixed (byte* start = bytes)
        {
            if (start != null)
            {
                Check(get(program, start));
            }
        }

        return bytes;
    }

    private int[] ReadArchitectures(delegate* unmanaged<int*, int> getCount, delegate* unmanaged<int*, int> get)
    {
        int count;
        Check(getCount(&count));
        var architectures = new int[count];
        fixed (int* start = architectures)
        {
            Check(get(start));
        }

        return architectures;
    }

    private void Check(int result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != 0)
        {
            throw new CudaException($"{call} of {Origin}: {ErrorText(result)} ({result})", call);
        }
    }

    private string ErrorText(int result) => Marshal.PtrToStringUTF8((nint)_getErrorString(result)) ?? "unknown error";

    /// <summary>Strings as a C array of zero-terminated UTF-8.</summary>
    private sealed class Utf8Array : IDisposable
    {
        private readonly int _count;

        public Utf8Array(string[] texts)
        {
            _count = texts.Length;
            Pointers = (byte**)NativeMemory.AllocZeroed((nuint)Math.Max(_count, 1), (nuint)sizeof(byte*));
            for (int i = 0; i < _count; i++)
            {
                Pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
            }
        }

        public byte** Pointers { get; }

        public void Dispose()
        {
            for (int i = 0; i < _count; i++)
            {
                Marshal.FreeCoTaskMem((nint)Pointers[i]);
            }

            NativeMemory.Free(Pointers);
        }
    }
}
