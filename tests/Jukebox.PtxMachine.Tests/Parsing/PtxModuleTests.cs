using Xunit;

namespace Jukebox.PtxMachine.Tests.Parsing;

public class PtxModuleTests
{
    public static TheoryData<int> Targets => [.. KernelFiles.Targets];

    [Theory]
    [MemberData(nameof(Targets))]
    public void KernelsAndTheirSizesAreRead(int target)
    {
        PtxModule module = KernelFiles.Read("syntax", target);
        Assert.Equal($"sm_{target}", module.Target);
        Assert.Equal(["first", "second"], module.Kernels.Keys.Order());
        PtxKernel first = module.Kernels["first"];
        Assert.Equal(48, first.ParameterBytes);
        Assert.Equal(33 * 4 + 4 + 3 * 8, first.StaticSharedBytes);
        Assert.True(first.LocalBytes >= 32, $"{first.LocalBytes} bytes of local memory, of which the called function has 32");
        Assert.Equal(new Dim3(128), first.MaxThreads);
        Assert.Equal(2, first.MinBlocksPerMultiprocessor);
        Assert.Equal(16, first.ConstBytes);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void ParametersLieAsInC(int target)
    {
        IReadOnlyList<PtxParameter> parameters = KernelFiles.Read("syntax", target).Kernels["second"].Parameters;
        Assert.Equal([0, 8, 16, 24, 26], parameters.Select(p => p.Offset));
        Assert.Equal([8, 4, 8, 1, 2], parameters.Select(p => p.LengthBytes));
        Assert.Equal(28, KernelFiles.Read("syntax", target).Kernels["second"].ParameterBytes);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public unsafe void GlobalsAreFilled(int target)
    {
        using var memory = new DeviceMemory(1 << 20);
        using var loaded = new LoadedModule(KernelFiles.Read("syntax", target), memory);
        Assert.True(loaded.TryGetGlobal("table", out ulong table, out long tableBytes));
        Assert.Equal([1f, 2, 3, 4], new ReadOnlySpan<float>(memory.Pointer(table, tableBytes), 4).ToArray());
        Assert.True(loaded.TryGetGlobal("counter", out ulong counter, out long counterBytes));
        Assert.Equal(5, *(int*)memory.Pointer(counter, counterBytes));
        Assert.True(loaded.TryGetGlobal("pointer", out ulong pointer, out _));
        Assert.Equal(table, *(ulong*)memory.Pointer(pointer, 8));
        Assert.False(loaded.TryGetGlobal("absent", out _, out _));
    }

    [Fact]
    public void DisposingAModuleFreesItsGlobals()
    {
        using var memory = new DeviceMemory(1 << 20);
        new LoadedModule(KernelFiles.Read("syntax", 80), memory).Dispose();
        Assert.Equal(0, memory.AllocatedBytes);
    }

    [Theory]
    [InlineData("int main() { return 0; }", "'int' is not known at module level")]
    [InlineData(".version 8.0\n.address_size 64\n", "no .target")]
    [InlineData(".version 8.0\n.target sm_80\n.address_size 32\n", "bad.ptx(3): .address_size 32")]
    [InlineData(".version 8.0\n.target sm_80\n.visible .entry k()\n{\n\tret;\n", "the body of k has no end")]
    [InlineData(".version 8.0\n.target sm_80\n.visible .entry k()\n{\n\t@%p1 ret;\n}\n", "bad.ptx(5): the predicate %p1 is not declared")]
    [InlineData(".version 8.0\n.target sm_80\n.tex .u64 t;\n", "bad.ptx(3): '.tex' is not known at module level")]
    public void WhatIsNotKnownIsRefusedByNameFileAndLine(string text, string expected)
    {
        PtxException refusal = Assert.Throws<PtxException>(() => PtxModule.Parse(text, "bad.ptx"));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("add.f128 %f1, %f1, %f1;", "add.f128: .f128 is not known")]
    [InlineData("frobnicate.b32 %r1, %r1;", "frobnicate.b32 is not known")]
    [InlineData("add.sat.s32 %r1, %r1, %r1;", "add.sat.s32: .sat is not known")]
    [InlineData("add.s64 %r1, %r1, %r1;", "%r1 has another width than the instruction")]
    [InlineData("mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%r1, %r1}, {%r1, %r1, %r1, %r1}, {%r1, %r1}, {%r1, %r1};", "mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 is not known")]
    [InlineData("bra NOWHERE;", "the label NOWHERE is not there")]
    [InlineData("{ .param .b32 p0; call.uni vprintf, (p0); }", "the function vprintf is not in the module")]
    [InlineData("mov.u64 %rd1, nothing;", "'nothing' is not known")]
    [InlineData("brx.idx %r1, WAYS;", "the table WAYS is not there")]
    [InlineData("{ .reg .pred %p; WAYS: .branchtargets HERE; @%p brx.idx %r1, WAYS; HERE: }", "a guarded jump table is not known")]
    [InlineData("atom.global.add.noftz.v2.f16x2 {%r1, %r2}, [%rd1], {%r1, %r2};", "atom.global.add.noftz.v2.f16x2: .v2 is not known")]
    [InlineData("atom.global.min.noftz.f16x2 %r1, [%rd1], %r2;", "atom.global.min.noftz.f16x2 is not known")]
    [InlineData("red.global.max.noftz.bf16x2 [%rd1], %r2;", "red.global.max.noftz.bf16x2 is not known")]
    [InlineData("stmatrix.sync.aligned.m16n8.x1.trans.shared.b8 [%r1], {%r2};", "stmatrix.sync.aligned.m16n8.x1.trans.shared.b8: .m16n8 is not known")]
    [InlineData("stmatrix.sync.aligned.m8n8.x2.shared.b16 [%r1], {%r2};", "operand 2 has 1 registers instead of 2")]
    [InlineData("bar.arrive 1, 64;", "arriving without waiting is not known")]
    [InlineData("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f1, %f1, %f1, %f1}, {%r1, %r1, %r1, %r1}, {%r1, %r1}, {%f1, %f1, %f1, %f1};", "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 is not known")]
    public void WhatCannotBeExecutedIsRefusedWhenItIsLoaded(string instruction, string expected)
    {
        string text = $".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k()\n{{\n.reg .b32 %r<4>;\n.reg .f32 %f<4>;\n.reg .b64 %rd<4>;\n{instruction}\nret;\n}}\n";
        using var memory = new DeviceMemory(1 << 20);
        PtxException refusal = Assert.Throws<PtxException>(() => new LoadedModule(PtxModule.Parse(text, "odd.ptx"), memory));
        Assert.StartsWith("odd.ptx(9): ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, memory.AllocatedBytes);
    }
}
