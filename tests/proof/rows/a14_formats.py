# A14: stores of other versions: refused by name, left as they are, and as good as ever for their own version.
import asyncio
import ctypes
import hashlib
import shutil

import msgpack

from faulty import base_store
from restart import restarted
from row import Outcome
from shims import compiled, in_memory
from stored import SUM, Reader
from support import Server, run_program
from talk import copied

HEADER = bytes(8)                       # the log's first key
FORMAT = b"format"                      # of the model, in `meta`
NEWER, OLDER = "newer version", "before the first release"


class Formats:
    """The two places where a store says how it is written."""

    def __init__(self):
        self.library = ctypes.CDLL(str(compiled("format")))
        self.library.sum_of_key.restype = ctypes.c_uint64
        self.library.put_row.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p,
                                         ctypes.c_size_t, ctypes.c_uint64]
        self.reader = Reader()

    def fields(self, data, part):
        """What the part says: of the model a number, of the log a list that begins with one."""
        rows = dict(self.reader.rows(data / "model", "meta") if part == "model" else self.reader.rows(data / "log"))
        return msgpack.unpackb(rows[FORMAT if part == "model" else HEADER][SUM:])

    def put(self, data, part, fields):
        key = FORMAT if part == "model" else HEADER
        seed = self.library.sum_of_key(FORMAT, len(FORMAT)) if part == "model" else 0
        payload = msgpack.packb(fields)
        code = self.library.put_row(str(data / part).encode(), b"meta" if part == "model" else b"", key, len(key), payload,
                                    len(payload), seed)
        if code != 0:
            raise RuntimeError(f"the format cannot be written: {code}")


def digest(data):
    """All bytes of the store; not those of locks."""
    files = sorted(path for path in data.rglob("*") if path.is_file() and not path.name.startswith("lock"))
    return hashlib.sha256(b"".join(str(path).encode() + path.read_bytes() for path in files)).hexdigest()


async def refusals(data, word):
    """What is wrong with how a server and the subcommands refuse it."""
    faults, before = [], digest(data)
    server = Server(data)
    await server.launch("--search", "off")
    said = await server.process.stdout.read()
    status = await server.wait()
    if status != 1 or said or word not in server.words():
        faults.append(f"a server ends with {status} and says {said} {server.words(300)}")
    for what, *more in (("check",), ("backup", "--to", str(data.parent / "backup")), ("compact",)):
        code, out, err = await run_program(server.binary, what, "--data", str(data), *more)
        if code != 1 or word not in out + err:
            faults.append(f"{what} ends with {code} and says {out[:200]} {err[:200]}")
    if digest(data) != before:
        faults.append("something was written to it")
    return faults


async def trial(base, formats, part, number, word):
    data = in_memory() / "other" / "data"
    copied(base.data, data)
    try:
        own = formats.fields(data, part)
        formats.put(data, part, number if part == "model" else [number, *own[1:]])
        faults = await refusals(data, word)
        formats.put(data, part, own)
        return faults + await restarted(data, base.talk, base.owed)
    finally:
        shutil.rmtree(data.parent)


async def run_all(size):
    base = await base_store(size.seed, 10)
    formats = Formats()
    model, log = formats.fields(base.data, "model"), formats.fields(base.data, "log")[0]
    cases = [("model", number, OLDER) for number in range(model)]
    cases += [(part, number, NEWER) for part, own in (("model", model), ("log", log)) for number in (own + 1, own + 2, 200, 2**40)]
    faults = [f"{part} of format {number}: {fault}" for part, number, word in cases
              for fault in await trial(base, formats, part, number, word)]
    return Outcome(len(cases), "stores of other formats", faults,
                   f"the model's is {model}, the log's {log}; each went back to its own format and had everything")


def run(size, server):
    return asyncio.run(run_all(size))
