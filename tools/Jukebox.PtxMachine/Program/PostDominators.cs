namespace Jukebox.PtxMachine.Program;

/// <summary>
/// Where lanes that part meet again at the latest: the immediate post-dominator of every instruction, by the iteration of Cooper, Harvey
/// and Kennedy on the reversed flow graph.
/// </summary>
internal static class PostDominators
{
    /// <summary>For every node its immediate post-dominator, or −1 where all paths end without one.</summary>
    /// <param name="successors">For every node where control may go; none where it ends.</param>
    public static int[] Find(int[][] successors)
    {
        int count = successors.Length, exit = count;
        List<int>[] predecessors = Predecessors(successors, exit);
        int[] order = PostOrderFrom(exit, predecessors);
        int[] rank = new int[count + 1];
        Array.Fill(rank, -1);
        for (int i = 0; i < order.Length; i++)
        {
            rank[order[i]] = i;
        }

        int[] immediate = new int[count + 1];
        Array.Fill(immediate, -1);
        immediate[exit] = exit;
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = order.Length - 2; i >= 0; i--)
            {
                int node = order[i];
                int best = -1;
                foreach (int successor in Successors(successors, node, exit))
                {
                    if (immediate[successor] >= 0)
                    {
                        best = best < 0 ? successor : Meet(immediate, rank, best, successor);
                    }
                }

                changed |= immediate[node] != best;
                immediate[node] = best;
            }
        }

        return [.. immediate.Take(count).Select(node => node == exit ? -1 : node)];
    }

    private static int[] Successors(int[][] successors, int node, int exit) => successors[node].Length == 0 ? [exit] : successors[node];

    private static int Meet(int[] immediate, int[] rank, int a, int b)
    {
        while (a != b)
        {
            while (rank[a] < rank[b])
            {
                a = immediate[a];
            }

            while (rank[b] < rank[a])
            {
                b = immediate[b];
            }
        }

        return a;
    }

    private static List<int>[] Predecessors(int[][] successors, int exit)
    {
        var predecessors = new List<int>[exit + 1];
        for (int node = 0; node <= exit; node++)
        {
            predecessors[node] = [];
        }

        for (int node = 0; node < exit; node++)
        {
            foreach (int successor in Successors(successors, node, exit))
            {
                predecessors[successor].Add(node);
            }
        }

        return predecessors;
    }

    /// <summary>Nodes that reach the exit, each after those that it is reached through backwards.</summary>
    private static int[] PostOrderFrom(int exit, List<int>[] predecessors)
    {
        var order = new List<int>();
        bool[] isSeen = new bool[predecessors.Length];
        var stack = new Stack<(int Node, int Next)>();
        stack.Push((exit, 0));
        isSeen[exit] = true;
        while (stack.Count > 0)
        {
            (int node, int next) = stack.Pop();
            if (next == predecessors[node].Count)
            {
                order.Add(node);
                continue;
            }

            stack.Push((node, next + 1));
            int predecessor = predecessors[node][next];
            if (!isSeen[predecessor])
            {
                isSeen[predecessor] = true;
                stack.Push((predecessor, 0));
            }
        }

        return [.. order];
    }
}
