# Reads journals: what a server wrote, synced, renamed and said, in the order in which it did.
import bisect
import mmap
import os
import struct
from typing import NamedTuple

HEAD = struct.Struct("<BBHIQQQQ")  # struct record of shim/journal.h

NAMED, CREATED, DIRECTORY, WRITE, WRITTEN, TRUNCATED, ALLOCATED, SYNC, SYNCED, RENAMED, LINKED, UNLINKED, REMOVED, TOLD, FAULT, UNKNOWN = (
    ord(letter) for letter in "FCDWwTABERLUVSX?")
OF_DIRECTORY, EXCHANGED = 1, 2


class Record(NamedTuple):
    kind: int
    flags: int
    file: int
    offset: int
    length: int
    data: bytes
    end: int  # where the record ends in the journal

    @property
    def text(self):
        return self.data.decode()


class Journal:
    """All records; those that a kill cut off are left out."""

    def __init__(self, path):
        self.records = []
        with open(path, "rb") as file:
            if os.path.getsize(path) == 0:
                return
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                self._read(content)
        strange = [record.text for record in self.records if record.kind == UNKNOWN]
        if strange:
            raise ValueError(f"the journal cannot express what was done: {strange[:3]}")

    def _read(self, content):
        at = 0
        while at + HEAD.size <= len(content):
            kind, flags, _, _, file, offset, length, count = HEAD.unpack_from(content, at)
            end = at + HEAD.size + count
            if end > len(content):
                break
            self.records.append(Record(kind, flags, file, offset, length, content[at + HEAD.size:end], end))
            at = end

    def __len__(self):
        return len(self.records)

    def number_at(self, size):
        """How many records there were when the journal had so many bytes."""
        return bisect.bisect_right(self.records, size, key=lambda record: record.end)

    def count(self, *kinds):
        return sum(record.kind in kinds for record in self.records)

    def changes(self):
        """The numbers of records behind which a disk may look different: where to cut."""
        return [number for number, record in enumerate(self.records)
                if record.kind not in (NAMED, TOLD, FAULT)]
