using System.Numerics;
using System.Runtime.CompilerServices;
using Jukebox.PtxMachine.Program;

namespace Jukebox.PtxMachine.Execution;

/// <summary>Runs the warps of one block in turn, from barrier to barrier.</summary>
internal static unsafe class BlockRunner
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TMode>(KernelProgram program, BlockState state, in LaunchGeometry geometry)
        where TMode : struct, IMode
    {
        while (true)
        {
            int running = 0;
            for (int index = 0; index < geometry.Warps; index++)
            {
                Warp* w = state.Warp(index);
                if (!w->IsDone && w->Barrier < 0)
                {
                    RunWarp<TMode>(w, program);
                }

                running += w->IsDone ? 0 : 1;
            }

            if (running == 0)
            {
                return;
            }

            if (!TryRelease<TMode>(program, state, geometry))
            {
                ThrowIncomplete(program, state, geometry);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunWarp<TMode>(Warp* w, KernelProgram program)
        where TMode : struct, IMode
    {
        try
        {
            Interpreter.Run<TMode>(w, program.Code);
        }
        catch (FaultSignal signal)
        {
            signal.Warp = w->Index;
            throw;
        }
    }

    /// <summary>Lets the warps of every barrier go that all its threads have reached.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryRelease<TMode>(KernelProgram program, BlockState state, in LaunchGeometry geometry)
        where TMode : struct, IMode
    {
        bool released = false;
        for (int barrier = 0; barrier < 16; barrier++)
        {
            uint waiting = Waiting(state, geometry, barrier, out int expected);
            if (waiting == 0 || BitOperations.PopCount(waiting) * Lanes.Count < expected)
            {
                continue;
            }

            Fold(program, state, waiting);
            for (uint warps = waiting; warps != 0;)
            {
                state.Warp(Lanes.Take(ref warps))->Barrier = -1;
            }

            if (TMode.IsObserved)
            {
                Observer.Current.OnBarrier(waiting, Running(state, geometry));
            }

            released = true;
        }

        return released;
    }

    /// <summary>The warps at a barrier, and the threads, in whole warps, that it takes: those of all warps that run unless it says how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint Waiting(BlockState state, in LaunchGeometry geometry, int barrier, out int expected)
    {
        uint waiting = 0;
        int running = 0, asked = 0;
        for (int index = 0; index < geometry.Warps; index++)
        {
            Warp* w = state.Warp(index);
            running += w->IsDone ? 0 : 1;
            if (!w->IsDone && w->Barrier == barrier)
            {
                waiting |= 1u << index;
                asked = Math.Max(asked, w->BarrierThreads);
            }
        }

        expected = asked == 0 ? running * Lanes.Count : asked;
        return waiting;
    }

    private static uint Running(BlockState state, in LaunchGeometry geometry)
    {
        uint running = 0;
        for (int index = 0; index < geometry.Warps; index++)
        {
            running |= state.Warp(index)->IsDone ? 0 : 1u << index;
        }

        return running;
    }

    /// <summary>Results of <c>bar.red</c>: one value of all threads that wait, into the registers that each warp's own instruction names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fold(KernelProgram program, BlockState state, uint waiting)
    {
        int count = 0, threads = 0;
        for (uint warps = waiting; warps != 0;)
        {
            Warp* w = state.Warp(Lanes.Take(ref warps));
            Instruction* i = program.Code + w->Pc - 1;
            if ((BarrierKind)i->Detail != BarrierKind.Wait)
            {
                count += BitOperations.PopCount(Lanes.Predicate(w, i->C) & w->Mask);
                threads += BitOperations.PopCount(w->Mask);
            }
        }

        for (uint warps = waiting; warps != 0;)
        {
            Warp* w = state.Warp(Lanes.Take(ref warps));
            Instruction* i = program.Code + w->Pc - 1;
            switch ((BarrierKind)i->Detail)
            {
                case BarrierKind.Count:
                    WarpHandlers.Broadcast(w, i->D, (uint)count);
                    break;
                case BarrierKind.All:
                    Lanes.StorePredicate(w, i->D, count == threads ? ~0u : 0);
                    break;
                case BarrierKind.Any:
                    Lanes.StorePredicate(w, i->D, count != 0 ? ~0u : 0);
                    break;
            }
        }
    }

    private static void ThrowIncomplete(KernelProgram program, BlockState state, in LaunchGeometry geometry)
    {
        for (int index = 0; index < geometry.Warps; index++)
        {
            Warp* w = state.Warp(index);
            if (!w->IsDone)
            {
                throw new FaultSignal(FindingKind.BarrierNeverComplete, w->Pc - 1, BitOperations.TrailingZeroCount(w->Live), 0, $"warp {index} waits at barrier {w->Barrier}, which other warps never reach") { Warp = index };
            }
        }
    }
}
