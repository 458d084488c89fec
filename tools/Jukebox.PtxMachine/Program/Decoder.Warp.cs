using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    private void DecodeWarp()
    {
        switch (_syntax.Opcode)
        {
            case "shfl":
                DecodeShuffle();
                break;
            case "vote":
                DecodeVote();
                break;
            case "match":
                DecodeMatch();
                break;
            case "redux":
                DecodeReduction();
                break;
            default:
                Allow();
                Emit(new Instruction { Execute = &WarpHandlers.ActiveMask, D = Destination(0, PtxType.U32) });
                break;
        }
    }

    /// <summary>Result and predicate of instructions that may have both.</summary>
    private (int Result, int Predicate) ResultPair()
    {
        Operand result = Operand(0);
        return result.Kind == OperandKind.Pair
            ? (Destination(result.Parts[0], 4), Destination(result.Parts[1], 0))
            : (Destination(result, 4), CompareHandlers.None);
    }

    private void DecodeShuffle()
    {
        Allow("sync", "up", "down", "bfly", "idx");
        if (!_syntax.Has("sync"))
        {
            throw Refuse("only the .sync form is known");
        }

        ShuffleMode mode = _syntax.Has("up") ? ShuffleMode.Up : _syntax.Has("down") ? ShuffleMode.Down : _syntax.Has("bfly") ? ShuffleMode.Butterfly : ShuffleMode.Index;
        (int result, int predicate) = ResultPair();
        var instruction = new Instruction
        {
            Execute = &WarpHandlers.Shuffle<TMode>,
            Detail = (byte)mode,
            D = result,
            D1 = predicate,
            A = Source(1, PtxType.B32),
            B = Source(2, PtxType.B32),
            C = Source(3, PtxType.B32),
            D2 = Source(4, PtxType.B32),
        };
        if (Operand(2).Kind == OperandKind.Immediate && Operand(3).Kind == OperandKind.Immediate)
        {
            instruction.Execute = &WarpHandlers.ShuffleFixed<TMode>;
            instruction.Extra = FixedShuffle(mode, (uint)Operand(2).Bits, (uint)Operand(3).Bits);
        }

        Emit(instruction);
    }

    private int* FixedShuffle(ShuffleMode mode, uint b, uint c)
    {
        int* extra = _builder.AllocateExtra(Lanes.Count + 1);
        uint inRange = 0;
        for (int lane = 0; lane < Lanes.Count; lane++)
        {
            extra[lane] = WarpHandlers.ShuffleSource(mode, lane, b, c, out bool isInRange);
            inRange |= isInRange ? 1u << lane : 0;
        }

        extra[Lanes.Count] = (int)inRange;
        return extra;
    }

    private void DecodeVote()
    {
        Allow("sync", "all", "any", "uni", "ballot");
        if (!_syntax.Has("sync"))
        {
            throw Refuse("only the .sync form is known");
        }

        bool isBallot = _syntax.Has("ballot");
        Emit(new Instruction
        {
            Execute = isBallot ? &WarpHandlers.Ballot<TMode> : &WarpHandlers.Vote<TMode>,
            Detail = (byte)(_syntax.Has("all") ? 0 : _syntax.Has("any") ? 1 : 2),
            D = isBallot ? Destination(0, PtxType.B32) : Destination(Operand(0), 0),
            A = Predicate(Operand(1)),
            D2 = Source(2, PtxType.B32),
        });
    }

    private void DecodeMatch()
    {
        Allow("sync", "any", "all");
        PtxType type = _syntax.Type;
        (int result, int predicate) = ResultPair();
        Handler handler = (_syntax.Has("any"), LaneBytes(type)) switch
        {
            (true, 4) => &WarpHandlers.MatchAny<TMode, uint>,
            (true, _) => &WarpHandlers.MatchAny<TMode, ulong>,
            (false, 4) => &WarpHandlers.MatchAll<TMode, uint>,
            _ => &WarpHandlers.MatchAll<TMode, ulong>,
        };
        Emit(new Instruction { Execute = handler, D = result, D1 = predicate, A = Source(1, type), D2 = Source(2, PtxType.B32) });
    }

    private void DecodeReduction()
    {
        Allow("sync", "add", "min", "max", "and", "or", "xor");
        PtxType type = _syntax.Type;
        Handler handler = (_syntax.Modifiers[1], type) switch
        {
            ("add", PtxType.U32 or PtxType.S32) => &WarpHandlers.Reduce<TMode, SumLanes>,
            ("min", PtxType.U32) => &WarpHandlers.Reduce<TMode, SmallestLaneU32>,
            ("min", PtxType.S32) => &WarpHandlers.Reduce<TMode, SmallestLaneS32>,
            ("max", PtxType.U32) => &WarpHandlers.Reduce<TMode, LargestLaneU32>,
            ("max", PtxType.S32) => &WarpHandlers.Reduce<TMode, LargestLaneS32>,
            ("and", PtxType.B32) => &WarpHandlers.Reduce<TMode, AndLanes>,
            ("or", PtxType.B32) => &WarpHandlers.Reduce<TMode, OrLanes>,
            ("xor", PtxType.B32) => &WarpHandlers.Reduce<TMode, XorLanes>,
            _ => throw Refuse(),
        };
        Emit(new Instruction { Execute = handler, D = Destination(0, type), A = Source(1, type), D2 = Source(2, PtxType.B32) });
    }
}
