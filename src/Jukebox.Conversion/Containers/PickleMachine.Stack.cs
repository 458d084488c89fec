namespace Jukebox.Conversion.Containers;

/// <summary>The stack with its marks, and the memo.</summary>
internal sealed partial class PickleMachine
{
    private object?[] TakeToMark()
    {
        if (_marks.Count == 0)
        {
            throw Damaged("a mark is missing on the stack");
        }

        int mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        object?[] items = [.. _stack[(mark + 1)..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private void Push(object? value)
    {
        Count();
        _stack.Add(value);
    }

    /// <summary>Takes the top value, which must not be a mark.</summary>
    private object? Pop()
    {
        object? top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    /// <summary>POP may take a mark as well.</summary>
    private void PopAny()
    {
        if (_stack.Count > 0 && ReferenceEquals(_stack[^1], Mark))
        {
            _stack.RemoveAt(_stack.Count - 1);
            _marks.RemoveAt(_marks.Count - 1);
        }
        else
        {
            Pop();
        }
    }

    private object? Top() => _stack.Count > 0 && !ReferenceEquals(_stack[^1], Mark)
        ? _stack[^1]
        : throw Damaged("a value is missing on the stack");

    private void Memoise(long index)
    {
        Count();
        _memo[index] = Top();
    }

    private object? Recall(long index) => _memo.TryGetValue(index, out object? value)
        ? value
        : throw Damaged($"memo {index} was never stored");
}
