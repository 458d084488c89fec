using System.Runtime.CompilerServices;

namespace Jukebox.PtxMachine.Execution;

/// <summary>Executes a warp until it waits at a barrier or ends.</summary>
internal static unsafe class Interpreter
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TMode>(Warp* w, Instruction* code)
        where TMode : struct, IMode
    {
        int pc = w->Pc;
        while (true)
        {
            Instruction* i = code + pc;
            if (i->Flow == Flow.Plain && !i->IsJoin)
            {
                if (TMode.IsObserved)
                {
                    Observer.Current.OnInstruction(w, i, w->Mask);
                }

                i->Execute(w, i);
                pc++;
                continue;
            }

            if (i->IsJoin && pc == w->Join)
            {
                if (!Pop(w, ref pc))
                {
                    break;
                }

                continue;
            }

            if (TMode.IsObserved)
            {
                Observer.Current.OnInstruction(w, i, GuardedMask(w, i));
            }

            switch (i->Flow)
            {
                case Flow.Plain:
                    i->Execute(w, i);
                    pc++;
                    break;
                case Flow.Guarded:
                    ExecuteGuarded(w, i);
                    pc++;
                    break;
                case Flow.Branch:
                    CountLoop(w, i, pc);
                    pc = i->Target;
                    break;
                case Flow.ConditionalBranch:
                    CountLoop(w, i, pc);
                    pc = Branch<TMode>(w, i, pc);
                    break;
                case Flow.IndexedBranch:
                    pc = BranchByIndex(w, i);
                    break;
                case Flow.Call:
                    Call(w, i, ref pc);
                    break;
                case Flow.Exit:
                    pc++;
                    if (!Exit(w, i, ref pc))
                    {
                        w->Pc = pc;
                        return;
                    }

                    break;
                case Flow.Barrier:
                    if (YieldsToOthers(w, i, ref pc))
                    {
                        break;
                    }

                    ReachBarrier(w, i);
                    w->Pc = pc + 1;
                    return;
                default:
                    Trap(w, i);
                    pc++;
                    break;
            }
        }

        w->Pc = pc;
    }

    /// <summary>The active lanes whose guard holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint GuardedMask(Warp* w, Instruction* i)
    {
        uint guard = i->Guard < 0 ? ~0u : Lanes.Predicate(w, i->Guard) ^ (i->GuardNegated ? ~0u : 0);
        return guard & w->Mask;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ExecuteGuarded(Warp* w, Instruction* i)
    {
        uint active = w->Mask, guarded = GuardedMask(w, i);
        if (guarded != 0)
        {
            w->Mask = guarded;
            i->Execute(w, i);
            w->Mask = active;
        }
    }

    /// <summary>Goes on with lanes that wait on the stack; false when there are none, and the warp is done.</summary>
    private static bool Pop(Warp* w, ref int pc)
    {
        do
        {
            if (w->Depth == 0)
            {
                w->IsDone = true;
                return false;
            }

            PendingLanes* pending = w->Stack + --w->Depth;
            pc = pending->Pc;
            w->Join = pending->Join;
            w->Mask = pending->Mask & w->Live;
        }
        while (w->Mask == 0);
        return true;
    }

    private static void Push(Warp* w, Instruction* i, int pc, int join, uint mask)
    {
        if (w->Depth == Warp.StackEntries)
        {
            FaultSignal.Throw(i, FindingKind.StackOverflow, 0, 0, $"branches nested deeper than {Warp.StackEntries}");
        }

        w->Stack[w->Depth++] = new PendingLanes { Pc = pc, Join = join, Mask = mask };
    }

    /// <summary>Where lanes part, those that fall through go on, and those that branch wait on the stack, until both reach the join.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Branch<TMode>(Warp* w, Instruction* i, int pc)
        where TMode : struct, IMode
    {
        uint taken = GuardedMask(w, i), fallen = w->Mask & ~taken;
        if (TMode.IsObserved)
        {
            Observer.Current.OnBranch(w, i, taken != 0 && fallen != 0);
        }

        if (fallen == 0)
        {
            return i->Target;
        }

        return taken == 0 ? pc + 1 : Diverge(w, i, pc, taken, fallen);
    }

    private static int Diverge(Warp* w, Instruction* i, int pc, uint taken, uint fallen)
    {
        if (i->Join != w->Join)
        {
            Push(w, i, i->Join, w->Join, w->Mask);
            w->Join = i->Join;
        }

        if (pc + 1 == i->Join)
        {
            w->Mask = taken;
            return i->Target;
        }

        if (i->Target != i->Join)
        {
            Push(w, i, i->Target, i->Join, taken);
        }

        w->Mask = fallen;
        return pc + 1;
    }

    /// <summary>A jump table: the lanes of each different target one after another. A holds the indices, Extra the count and the targets.</summary>
    private static int BranchByIndex(Warp* w, Instruction* i)
    {
        uint* indices = Lanes.Pointer32(w, i->A);
        uint left = w->Mask;
        int pc = -1;
        while (left != 0)
        {
            uint rest = left;
            int target = Target(i, Lanes.Take(ref rest), indices);
            uint same = 0;
            for (uint mask = left; mask != 0;)
            {
                int lane = Lanes.Take(ref mask);
                same |= Target(i, lane, indices) == target ? 1u << lane : 0;
            }

            left &= ~same;
            if (same == w->Mask)
            {
                return target;
            }

            if (pc < 0 && i->Join != w->Join)
            {
                Push(w, i, i->Join, w->Join, w->Mask);
            }

            pc = target;
            if (left != 0)
            {
                Push(w, i, target, i->Join, same);
            }
            else
            {
                w->Mask = same;
                w->Join = i->Join;
            }
        }

        return pc;
    }

    private static int Target(Instruction* i, int lane, uint* indices)
    {
        if (indices[lane] >= (uint)i->Extra[0])
        {
            FaultSignal.Throw(i, FindingKind.OutOfBounds, lane, 0, $"entry {indices[lane]} of a jump table of {i->Extra[0]}");
        }

        return i->Extra[1 + indices[lane]];
    }

    /// <summary>The function's end is the join of the lanes that enter it; from there they go on behind the call.</summary>
    private static void Call(Warp* w, Instruction* i, ref int pc)
    {
        uint guarded = GuardedMask(w, i);
        if (guarded == 0)
        {
            pc++;
            return;
        }

        Push(w, i, pc + 1, w->Join, w->Mask);
        w->Mask = guarded;
        w->Join = i->Join;
        i->Execute(w, i);
        pc = i->Target;
    }

    private static bool Exit(Warp* w, Instruction* i, ref int pc)
    {
        uint leaving = GuardedMask(w, i);
        w->Live &= ~leaving;
        w->Mask &= ~leaving;
        return w->Mask != 0 || Pop(w, ref pc);
    }

    /// <summary>
    /// Lanes at a barrier that others of the warp have not reached change places with those, who may leave the kernel instead; if they come
    /// to a barrier too, or to where the lanes meet again, the barrier is divergent.
    /// </summary>
    private static bool YieldsToOthers(Warp* w, Instruction* i, ref int pc)
    {
        if (GuardedMask(w, i) == w->Live || i->Guard >= 0 || w->Depth == 0)
        {
            return false;
        }

        PendingLanes* others = w->Stack + w->Depth - 1;
        if (others->IsAtBarrier || others->Join != w->Join || (others->Mask & w->Live) == 0)
        {
            return false;
        }

        PendingLanes next = *others;
        *others = new PendingLanes { Pc = pc, Join = w->Join, Mask = w->Mask, IsAtBarrier = true };
        pc = next.Pc;
        w->Mask = next.Mask & w->Live;
        return true;
    }

    private static void ReachBarrier(Warp* w, Instruction* i)
    {
        uint arrived = GuardedMask(w, i);
        if (arrived != w->Live)
        {
            int absent = System.Numerics.BitOperations.TrailingZeroCount(w->Live & ~arrived);
            FaultSignal.Throw(i, FindingKind.DivergentBarrier, absent, 0, $"a barrier reached by lanes 0x{arrived:x8} of warp {w->Index}, while 0x{w->Live:x8} run");
        }

        uint* identity = Lanes.Pointer32(w, i->A), threads = Lanes.Pointer32(w, i->B);
        int lane = System.Numerics.BitOperations.TrailingZeroCount(arrived);
        w->Barrier = (int)(identity[lane] & 15);
        w->BarrierThreads = (int)threads[lane];
        i->Execute(w, i);
    }

    private static void Trap(Warp* w, Instruction* i)
    {
        uint trapped = GuardedMask(w, i);
        if (trapped != 0)
        {
            FaultSignal.Throw(i, FindingKind.Trap, System.Numerics.BitOperations.TrailingZeroCount(trapped), 0, "the kernel gave up by itself");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CountLoop(Warp* w, Instruction* i, int pc)
    {
        if (i->Target <= pc && --w->LoopsLeft < 0)
        {
            FaultSignal.Throw(i, FindingKind.Hang, System.Numerics.BitOperations.TrailingZeroCount(w->Mask), 0, "a loop that does not end");
        }
    }
}
