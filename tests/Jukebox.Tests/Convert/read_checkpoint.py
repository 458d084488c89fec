"""Reads a checkpoint in PyTorch's zip format as torch.load(..., weights_only=True) does, with nothing but Python's own library.

Prints, tab separated and in the file's order: name, storage class, storage key, offset, sizes, strides, SHA-256 of the storage; after an
empty line the hyperparameters, then step and whether there is an optimiser's state, as JSON. Whatever PyTorch would refuse, or would not have written, is an error.
"""

import collections
import hashlib
import json
import pickle
import pickletools
import struct
import sys
import zipfile

ALIGNMENT = 64
ELEMENT_BYTES = {"FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2}

# What PyTorch's restricted reader executes (torch/_weights_only_unpickler.py).
OPCODES = {
    "PROTO", "STOP", "MARK", "GLOBAL", "REDUCE", "BUILD", "NEWOBJ", "BINPERSID", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1",
    "BINFLOAT", "BINUNICODE", "SHORT_BINSTRING", "EMPTY_TUPLE", "EMPTY_LIST", "EMPTY_DICT", "EMPTY_SET", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3",
    "APPEND", "APPENDS", "SETITEM", "SETITEMS", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET",
}

Storage = collections.namedtuple("Storage", "type key length")
Tensor = collections.namedtuple("Tensor", "storage offset sizes strides requires_grad hooks")


class Reader(pickle.Unpickler):
    def find_class(self, module, name):
        known = {("collections", "OrderedDict"): collections.OrderedDict, ("torch._utils", "_rebuild_tensor_v2"): Tensor}
        if module == "torch" and name in ELEMENT_BYTES:
            return name
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} would not be loaded")
        return known[module, name]

    def persistent_load(self, identity):
        kind, storage_type, key, location, length = identity
        assert kind == "storage" and location == "cpu", identity
        return Storage(storage_type, key, length)


def data_offset(file, entry):
    """As PyTorch finds it: the local header's own lengths of name and extra field decide."""
    file.seek(entry.header_offset)
    header = file.read(30)
    assert header.startswith(b"PK\3\4")
    return entry.header_offset + 30 + sum(struct.unpack("<HH", header[26:30]))


def main(path):
    with zipfile.ZipFile(path) as archive, open(path, "rb") as file:
        root = archive.infolist()[0].filename.split("/")[0]
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED and entry.filename.startswith(root + "/"), entry
            assert data_offset(file, entry) % ALIGNMENT == 0, entry
        assert archive.read(f"{root}/version") == b"3\n"
        assert archive.read(f"{root}/byteorder") == b"little"
        text = archive.read(f"{root}/data.pkl")
        unknown = {opcode.name for opcode, _, _ in pickletools.genops(text)} - OPCODES
        assert not unknown, unknown
        with archive.open(f"{root}/data.pkl") as pickled:
            checkpoint = Reader(pickled).load()

        digests = {}
        for name, tensor in checkpoint["model"].items():
            storage = tensor.storage
            count = 1
            for size, stride in zip(reversed(tensor.sizes), reversed(tensor.strides), strict=True):
                assert stride == count, name
                count *= size
            assert tensor.offset + count <= storage.length and tensor.requires_grad is False and tensor.hooks == {}, name
            if storage.key not in digests:
                # Reading checks the entry's CRC.
                data = archive.read(f"{root}/data/{storage.key}")
                assert len(data) == storage.length * ELEMENT_BYTES[storage.type], name
                digests[storage.key] = hashlib.sha256(data).hexdigest()
            print(name, storage.type, storage.key, tensor.offset, list(tensor.sizes), list(tensor.strides), digests[storage.key], sep="\t")
        stored = {entry.filename for entry in archive.infolist() if "/data/" in entry.filename}
        assert stored == {f"{root}/data/{key}" for key in digests}, "storages that no tensor uses"
    print()
    print(json.dumps(checkpoint["hps"]))
    print(json.dumps({"step": checkpoint["step"], "has_optimiser": "opt" in checkpoint}))


main(sys.argv[1])
