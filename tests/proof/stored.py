# What is in a store, read without the engine: its events, from the tables and from the log behind them.
import ctypes
import pathlib
import struct

import msgpack

from shims import compiled

SUM = 8            # bytes in front of each row's payload
BATCH_HEAD = 9     # a byte and a sum in front of each batch
LENGTHS = struct.Struct("=II")
FIELDS = {"kind": 0, "conversation": 1, "seq": 2, "event": 16}  # of a record of the log
NUMBERED = ("message", "joined", "left", "changed", "edited", "deleted", "reaction", "pinned", "created")


class Reader:
    """Reads tables of environments."""

    def __init__(self, room=64 << 20):
        self.library = ctypes.CDLL(str(compiled("rows")))
        self.library.rows_of.restype = ctypes.c_long
        self.library.rows_of.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t]
        self.room = ctypes.create_string_buffer(room)

    def raw(self, environment, table=""):
        """All rows of a table in one string of bytes; raises OSError for one that cannot be read."""
        used = self.library.rows_of(str(environment).encode(), table.encode(), self.room, len(self.room))
        if used < 0:
            raise OSError(-used, f"{environment}: table {table!r} cannot be read")
        return ctypes.string_at(self.room, used)

    def rows(self, environment, table=""):
        """[(key, value)] of a table."""
        return list(split_rows(self.raw(environment, table)))


def split_rows(content):
    at = 0
    while at < len(content):
        key, value = LENGTHS.unpack_from(content, at)
        at += LENGTHS.size
        yield content[at:at + key], content[at + key:at + key + value]
        at += key + value


def split_key(key):
    """Conversation and number of a row of `events`."""
    size = key[0]
    return key[1:1 + size].decode(), int.from_bytes(key[1 + size:], "big")


class Stores:
    """Reads the events of one store after another. Rows that were there before are not taken apart again."""

    def __init__(self):
        self.reader = Reader()
        self.of_row = {}    # key -> (value, (conversation, seq), event)
        self.of_batch = {}  # key -> (value, [((conversation, seq), event)])
        self.last = None    # the bytes of all tables, and the events in them

    def events(self, data):
        """{(conversation, seq): event}, as the next start of a server would have them."""
        data = pathlib.Path(data)
        raw = (self.reader.raw(data / "model", "meta"), self.reader.raw(data / "model", "events"), self.reader.raw(data / "log"))
        if self.last is None or self.last[0] != raw:
            self.last = (raw, self._events(*raw))
        return self.last[1]

    def _events(self, meta, events, log):
        applied = msgpack.unpackb(dict(split_rows(meta))[b"applied"][SUM:])
        found = {}
        for key, value in split_rows(events):
            known = self.of_row.get(key)
            if known is None or known[0] != value:
                known = self.of_row[key] = (value, split_key(key), msgpack.unpackb(msgpack.unpackb(value[SUM:])[3]))
            found[known[1]] = known[2]
        for key, value in split_rows(log):
            if int.from_bytes(key, "big") <= max(applied, 0):
                continue
            known = self.of_batch.get(key)
            if known is None or known[0] != value:
                known = self.of_batch[key] = (value, list(events_of_batch(value)))
            found.update(known[1])
        return found


def events_of_batch(batch):
    for record in msgpack.unpackb(batch[BATCH_HEAD:]):
        if record[FIELDS["event"]] and record[FIELDS["conversation"]]:
            event = msgpack.unpackb(record[FIELDS["event"]])
            if event.get("seq") == record[FIELDS["seq"]]:
                yield (record[FIELDS["conversation"]], record[FIELDS["seq"]]), event
