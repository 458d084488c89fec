namespace Jukebox.Conversion.Containers;

/// <summary>Globals, calls and persistent ids: where tensors are made and everything else stays a name.</summary>
internal sealed partial class PickleMachine
{
    private bool Object(byte opcode)
    {
        switch ((char)opcode)
        {
            case 'c':
                string module = input.ReadLine(TextLimitBytes);
                Push(new PickleGlobal(module, input.ReadLine(TextLimitBytes)));
                break;
            case '\x93':
                PushGlobalFromStack();
                break;
            case 'R' or '\x81':
                object? arguments = Pop();
                Push(Call(Pop(), arguments));
                break;
            case '\x92':
                Pop();
                object? positional = Pop();
                Push(Call(Pop(), positional));
                break;
            case 'o':
                TakeToMark();
                Push(new PickleOpaque("instance"));
                break;
            case 'i':
                TakeToMark();
                input.ReadLine(TextLimitBytes);
                Push(new PickleOpaque(Text.Quote(input.ReadLine(TextLimitBytes))));
                break;
            case 'b':
                // The state of an object (hooks, metadata, attributes): no tensor and no hyperparameter is in it.
                Pop();
                Top();
                break;
            case 'P':
                input.ReadLine(TextLimitBytes);
                Push(new PickleOpaque("persistent"));
                break;
            case 'Q':
                Push(Persistent(Pop()));
                break;
            case '\x82':
                input.ReadByte();
                Push(new PickleOpaque("extension"));
                break;
            case '\x83':
                input.ReadUInt16();
                Push(new PickleOpaque("extension"));
                break;
            case '\x84':
                input.ReadInt32();
                Push(new PickleOpaque("extension"));
                break;
            case '\x97':
                Push(new PickleOpaque("buffer"));
                break;
            case '\x98':
                Top();
                break;
            default:
                return false;
        }

        return true;
    }

    private void PushGlobalFromStack()
    {
        object? name = Pop();
        object? module = Pop();
        Push(module is string m && name is string n ? new PickleGlobal(m, n) : throw Damaged("a class is named by something that is not text"));
    }

    private object? Call(object? callee, object? arguments)
    {
        if (callee is not PickleGlobal global || arguments is not PickleTuple tuple)
        {
            return new PickleOpaque("call");
        }

        return global.FullName switch
        {
            "collections.OrderedDict" => Dictionary(tuple),
            "torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2" => Tensor(tuple),
            "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state" when tuple.Items is [PickleTensor data, ..] => data,
            _ => new PickleOpaque(Text.Quote(global.FullName)),
        };
    }

    /// <summary>OrderedDict(), or OrderedDict([(key, value), …]) as old Pythons wrote it.</summary>
    private PickleDictionary Dictionary(PickleTuple arguments)
    {
        var dictionary = new PickleDictionary();
        if (arguments.Items is [PickleList pairs])
        {
            Count(pairs.Items.Count);
            foreach (object? pair in pairs.Items)
            {
                object?[]? items = (pair as PickleTuple)?.Items ?? (pair as PickleList)?.Items.ToArray();
                if (items is [string key, var value])
                {
                    dictionary.Entries[key] = value;
                }
            }
        }

        return dictionary;
    }

    /// <summary>(storage, offset, sizes, strides, …): checked to lie within the storage.</summary>
    private object? Tensor(PickleTuple arguments)
    {
        if (arguments.Items is not [var storage, long offset, PickleTuple sizes, PickleTuple strides, ..])
        {
            throw Damaged("a tensor is described in an unknown way");
        }

        PickleStorageView view = storage switch
        {
            PickleStorage whole => new PickleStorageView(whole, 0, whole.LengthElements),
            PickleStorageView part => part,
            _ => throw Damaged("a tensor has no storage"),
        };
        long[] extents = Lengths(sizes);
        long[] steps = Lengths(strides);
        if (extents.Length != steps.Length)
        {
            throw Damaged($"a tensor has {extents.Length} sizes and {steps.Length} strides");
        }

        Int128 last = offset;
        Int128 count = 1;
        for (int axis = 0; axis < extents.Length; axis++)
        {
            count *= extents[axis];
            last += (Int128)Math.Max(extents[axis] - 1, 0) * steps[axis];
            if (count > long.MaxValue / 16 || last > long.MaxValue / 16)
            {
                throw Damaged("a tensor has an absurd shape");
            }
        }

        if (offset < 0 || (count > 0 && last >= view.LengthElements))
        {
            throw Damaged($"a tensor ends at element {last + 1} of a storage of {view.LengthElements}");
        }

        return new PickleTensor(view.Root, view.OffsetElements + offset, extents, steps);
    }

    private long[] Lengths(PickleTuple tuple)
    {
        if (tuple.Items.Length > RankLimit)
        {
            throw Damaged($"a tensor has {tuple.Items.Length} dimensions");
        }

        return Array.ConvertAll(tuple.Items, item => item is long value and >= 0
            ? value
            : throw Damaged("a size or stride of a tensor is not a number of elements"));
    }

    /// <summary>('storage', class, key, location, element count[, view]): a storage, or a view of one.</summary>
    private object Persistent(object? id)
    {
        if (id is not PickleTuple { Items: ["storage", PickleGlobal type, var keyItem, _, long count, ..] items })
        {
            return new PickleOpaque("persistent");
        }

        string key = keyItem switch
        {
            string text => text,
            long number => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => throw Damaged("a storage's key is not text"),
        };
        StorageType storageType = StorageType.Find(type) ?? throw Damaged($"the storage type {Text.Quote(type.FullName)} is unknown");
        if (count < 0 || count > long.MaxValue / 16)
        {
            throw Damaged($"a storage of {count} elements is announced");
        }

        if (!_storages.TryGetValue(key, out PickleStorage? storage))
        {
            Count();
            storage = new PickleStorage(key, storageType, count, _opcodeAtByte);
            _storages.Add(key, storage);
        }
        else if (storage.Type != storageType || storage.LengthElements != count)
        {
            throw Damaged($"storage '{Text.Quote(key)}' is announced twice with different types or lengths");
        }

        return items.Length > 5 && items[5] is PickleTuple view ? View(storage, view) : storage;
    }

    private object View(PickleStorage storage, PickleTuple view)
    {
        if (view.Items is not [string key, long offset, long length] || offset < 0 || length < 0 || offset > storage.LengthElements - length)
        {
            throw Damaged("a view lies outside its storage");
        }

        if (!_views.TryGetValue(key, out PickleStorageView? known))
        {
            Count();
            known = new PickleStorageView(storage, offset, length);
            _views.Add(key, known);
        }

        return known;
    }
}
