using System.Reflection;
using System.Runtime.InteropServices;
using Jukebox.PtxMachine.Driver;
using Xunit;

namespace Jukebox.PtxMachine.Tests.Driver;

/// <summary>The functions by name are the functions that the library exports.</summary>
public sealed class FunctionTableTests
{
    [Fact]
    public void EveryExportIsFoundByItsName()
    {
        var exports = typeof(DriverExports).GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Select(method => (method.Name, method.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()?.EntryPoint, method.MethodHandle))
            .Where(export => export.EntryPoint is not null)
            .ToList();
        Assert.All(exports, export => Assert.Equal(export.Name, export.EntryPoint));
        Assert.Equal(exports.Select(export => export.Name).Order(), FunctionTable.Names.Order());
        Assert.All(exports, export => Assert.Equal(export.MethodHandle.GetFunctionPointer(), PtxDriver.Function(export.Name)));
    }

    [Fact]
    public void NewestVersionsAreFoundByTheHeadersNames()
    {
        Assert.Equal(PtxDriver.Function("cuMemAlloc_v2"), FunctionTable.FindNewest("cuMemAlloc"));
        Assert.Equal(PtxDriver.Function("cuLaunchKernel"), FunctionTable.FindNewest("cuLaunchKernel"));
        Assert.Equal(0, FunctionTable.FindNewest("cuNothing"));
        Assert.Equal(0, PtxDriver.Function("cuMemAlloc"));
    }

    [Fact]
    public unsafe void TablesOfUndocumentedFunctionsAreRefused()
    {
        var get = (delegate* unmanaged<void**, byte*, CuResult>)PtxDriver.Function("cuGetExportTable");
        byte* id = stackalloc byte[16];
        void* table = id;
        Assert.Equal(CuResult.NotSupported, get(&table, id));
        Assert.True(table == null);
        Assert.Equal(CuResult.InvalidValue, get(null, id));
    }
}
