using System.Reflection;
using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Xunit;

namespace Jukebox.Tests.Ops;

/// <summary>One thread at a time on a backend: a second one is refused by name at every operation, whichever it is; turns are free.</summary>
public sealed class TurnTests
{
    /// <summary>What touches nothing that operations share.</summary>
    private static readonly string[] Free =
    [
        nameof(IBackend.Allocate), nameof(IBackend.Load), nameof(IBackend.Pack), nameof(IBackend.Record), nameof(IBackend.PackedType),
        nameof(IBackend.PackedBytes), nameof(IBackend.CacheType),
    ];

    public static TheoryData<string> Names => TestBackends.Names;

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void ASecondThreadIsRefusedAtEveryOperation(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        MethodInfo[] operations =
        [
            .. backend.GetType().GetInterfaces().Where(type => typeof(IBackend).IsAssignableFrom(type)).SelectMany(type => type.GetMethods())
                .Where(method => !method.IsSpecialName && !Free.Contains(method.Name)),
            typeof(IDisposable).GetMethod(nameof(IDisposable.Dispose))!,
        ];
        Assert.True(operations.Length >= 20, $"{operations.Length} operations");
        WhileInside(backend, () =>
        {
            foreach (MethodInfo operation in operations)
            {
                object?[] nothing = [.. operation.GetParameters().Select(parameter => Default(parameter.ParameterType))];
                Exception? error = Assert.Throws<TargetInvocationException>(() => operation.Invoke(backend, nothing)).InnerException;
                Assert.True(error is InvalidOperationException, $"{operation.Name}: {error}");
                Assert.Contains($"{backend.Name} serves one thread at a time", error.Message, StringComparison.Ordinal);
                Assert.Contains("('the second') came while thread ", error.Message, StringComparison.Ordinal);
                Assert.Contains("('the first') was computing", error.Message, StringComparison.Ordinal);
            }
        });
        backend.Synchronize();
    }

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void ThreadsMayTakeTurns(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 3);
        Tensor cursor = contract.Input([0, 0], 2);
        for (int i = 0; i < 20; i++)
        {
            Exception? failure = null;
            var thread = new Thread(() => failure = Record.Exception(() => backend.Advance(cursor, 1)));
            thread.Start();
            thread.Join();
            Assert.Null(failure);
            backend.Advance(cursor, 1);
        }

        Assert.Equal([40, 40], cursor.ToArray<int>());
    }

    /// <summary>An operation that fails gives its turn back.</summary>
    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void AfterAFailureAnotherThreadMayGoOn(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 3);
        Tensor cursor = contract.Input([0, 0], 2);
        var thread = new Thread(() => Assert.Throws<ArgumentException>(() => backend.Advance(cursor.Slice(0, 1), 1)));
        thread.Start();
        thread.Join();
        backend.Advance(cursor, 5);
        Assert.Equal([5, 5], cursor.ToArray<int>());
    }

    private static object? Default(Type type)
    {
        Type plain = type.IsByRef ? type.GetElementType()! : type;
        return plain.IsValueType ? Activator.CreateInstance(plain) : null;
    }

    /// <summary>Does something on a second thread while a first one is in the midst of a recording, or of replaying it.</summary>
    private static void WhileInside(IBackend backend, Action work)
    {
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        Exception? first = null, second = null;
        void Hold()
        {
            entered.Set();
            leave.Wait();
        }

        var holder = new Thread(() => first = Record.Exception(() =>
        {
            using Recording recording = backend.Record(Hold);
            recording.Replay();
        }));
        var visitor = new Thread(() => second = Record.Exception(work)) { Name = "the second" };
        holder.Name = "the first";
        holder.Start();
        entered.Wait();
        visitor.Start();
        visitor.Join();
        leave.Set();
        holder.Join();
        Assert.Null(second);
        Assert.Null(first);
    }
}
