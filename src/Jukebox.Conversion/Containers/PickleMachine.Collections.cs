namespace Jukebox.Conversion.Containers;

/// <summary>Lists, sets, tuples and dictionaries.</summary>
internal sealed partial class PickleMachine
{
    private bool Collection(byte opcode)
    {
        switch ((char)opcode)
        {
            case ']' or '\x8f':
                Push(new PickleList());
                break;
            case 'l' or '\x91':
                PushList(TakeToMark());
                break;
            case 'a':
                object? item = Pop();
                Append([item]);
                break;
            case 'e' or '\x90':
                Append(TakeToMark());
                break;
            case '}':
                Push(new PickleDictionary());
                break;
            case 'd':
                object?[] entries = TakeToMark();
                Push(new PickleDictionary());
                SetItems(entries);
                break;
            case 's':
                object? value = Pop();
                object? key = Pop();
                SetItems([key, value]);
                break;
            case 'u':
                SetItems(TakeToMark());
                break;
            case ')':
                Push(new PickleTuple([]));
                break;
            case 't':
                Push(new PickleTuple(TakeToMark()));
                break;
            case '\x85' or '\x86' or '\x87':
                PushTuple(opcode - 0x84);
                break;
            default:
                return false;
        }

        return true;
    }

    private void PushList(object?[] items)
    {
        Push(new PickleList());
        Append(items);
    }

    private void PushTuple(int length)
    {
        var items = new object?[length];
        for (int i = length - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }

        Push(new PickleTuple(items));
    }

    private void Append(object?[] items)
    {
        if (Top() is PickleList list)
        {
            Count(items.Length);
            list.Items.AddRange(items);
        }
    }

    private void SetItems(object?[] items)
    {
        if (items.Length % 2 != 0)
        {
            throw Damaged("a dictionary entry has a key without a value");
        }

        if (Top() is PickleDictionary dictionary)
        {
            Count(items.Length);
            for (int i = 0; i < items.Length; i += 2)
            {
                if (items[i] is string key)
                {
                    dictionary.Entries[key] = items[i + 1];
                }
            }
        }
    }
}
